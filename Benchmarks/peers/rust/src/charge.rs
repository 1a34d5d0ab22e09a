//! A charge as the service answers it, and the payment of it by a swap: the types of what is read, and the way to the
//! transaction.

use crate::abi::{Intent, Swap};
use crate::curve::Curve;
use crate::number::U256;
use crate::rlp::{Signature, Transaction};
use crate::{fixed, hexadecimal, keccak, Address};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Charge<'a> {
    #[serde(borrow)]
    pub data: Data<'a>,
}

#[derive(Deserialize)]
pub struct Data<'a> {
    pub id: &'a str,
    #[serde(borrow)]
    pub web3_data: Web3Data<'a>,
}

#[derive(Deserialize)]
pub struct Web3Data<'a> {
    #[serde(borrow)]
    pub transfer_intent: TransferIntent<'a>,
}

#[derive(Deserialize)]
pub struct TransferIntent<'a> {
    #[serde(borrow)]
    pub metadata: Metadata<'a>,
    #[serde(borrow)]
    pub call_data: CallData<'a>,
}

#[derive(Deserialize)]
pub struct Metadata<'a> {
    pub chain_id: u64,
    pub contract_address: &'a str,
    pub sender: &'a str,
}

#[derive(Deserialize)]
pub struct CallData<'a> {
    pub recipient_amount: &'a str,
    pub deadline: &'a str,
    pub recipient: &'a str,
    pub recipient_currency: &'a str,
    pub refund_destination: &'a str,
    pub fee_amount: &'a str,
    pub id: &'a str,
    pub operator: &'a str,
    pub signature: &'a str,
    pub prefix: &'a str,
}

/// What a charge asks for, read but not proved.
pub struct Request {
    pub chain_id: u64,
    pub contract: Address,
    pub sender: Address,
    pub swap: Swap,
}

impl Request {
    pub fn read(charge: &Charge) -> Option<Request> {
        let TransferIntent { metadata, call_data } = &charge.data.web3_data.transfer_intent;
        let bytes = |text: &str| hexadecimal::decode(text.strip_prefix("0x")?);
        let intent = Intent {
            recipient_amount: U256::from_decimal(call_data.recipient_amount)?,
            deadline: U256::from(seconds(call_data.deadline)?),
            recipient: fixed(call_data.recipient)?,
            recipient_currency: fixed(call_data.recipient_currency)?,
            refund_destination: fixed(call_data.refund_destination)?,
            fee_amount: U256::from_decimal(call_data.fee_amount)?,
            id: fixed(call_data.id)?,
            operator: fixed(call_data.operator)?,
            signature: bytes(call_data.signature)?,
            prefix: bytes(call_data.prefix)?,
        };
        Some(Request {
            chain_id: metadata.chain_id,
            contract: fixed(metadata.contract_address)?,
            sender: fixed(metadata.sender)?,
            swap: Swap { intent, pool_fee: 500 },
        })
    }

    /// Whether the operator signed all of it.
    pub fn is_proved(&self, curve: &Curve) -> bool {
        let intent = &self.swap.intent;
        let hash = keccak(&[
            &intent.recipient_amount.word(),
            &intent.deadline.word(),
            &intent.recipient,
            &intent.recipient_currency,
            &intent.refund_destination,
            &intent.fee_amount.word(),
            &intent.id,
            &intent.operator,
            &U256::from(self.chain_id).word(),
            &self.sender,
            &self.contract,
        ]);
        let digest = keccak(&[&intent.prefix, &hash]);
        let [rs @ .., v] = intent.signature.as_slice() else { return false };
        if rs.len() != 64 || !(27..=28).contains(v) {
            return false;
        }
        let (Some(r), Some(s)) = (U256::from_big_endian(&rs[..32]), U256::from_big_endian(&rs[32..])) else {
            return false;
        };
        curve.recover(&digest, &Signature { is_odd: *v == 28, r, s }) == Some(intent.operator)
    }

    pub fn transaction(&self, terms: &Terms, selector: [u8; 4]) -> Transaction {
        Transaction {
            chain_id: self.chain_id,
            nonce: terms.nonce,
            priority_fee: terms.priority_fee,
            max_fee: terms.max_fee,
            gas: terms.gas,
            to: Some(self.contract),
            value: terms.value,
            data: self.swap.encode(selector),
            access_list: Vec::new(),
        }
    }
}

/// What the payer adds to a charge.
pub struct Terms {
    pub nonce: u64,
    pub gas: u64,
    pub max_fee: U256,
    pub priority_fee: U256,
    pub value: U256,
}

/// The seconds of a time in UTC, such as `2026-01-01T12:00:00Z`.
pub fn seconds(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let is_time = bytes.len() == 20
        && text.is_ascii()
        && [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')].iter().all(|&(at, c)| bytes[at] == c);
    if !is_time {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years that begin in March have the leap day at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + hour * 3600 + minute * 60 + second)
}
