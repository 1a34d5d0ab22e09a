//! The call data of the swap, to and from typed fields, strictly.

use crate::number::U256;
use crate::Address;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub recipient_amount: U256,
    pub deadline: U256,
    pub recipient: Address,
    pub recipient_currency: Address,
    pub refund_destination: Address,
    pub fee_amount: U256,
    pub id: [u8; 16],
    pub operator: Address,
    pub signature: Vec<u8>,
    pub prefix: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    pub intent: Intent,
    pub pool_fee: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    WrongSelector,
    TooShort,
    WrongOffset,
    DirtyPadding,
    OutOfRange,
    Trailing,
}

pub const SIGNATURE: &str = "swapAndTransferUniswapV3Native((uint256,uint256,address,address,address,uint256,bytes16,\
address,bytes,bytes),uint24)";

fn put(out: &mut Vec<u8>, value: &U256) {
    out.extend_from_slice(&value.word());
}

fn put_address(out: &mut Vec<u8>, address: &Address) {
    out.extend_from_slice(&[0; 12]);
    out.extend_from_slice(address);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, &U256::from(bytes.len() as u64));
    out.extend_from_slice(bytes);
    out.resize(out.len() + padding(bytes.len()), 0);
}

fn padding(length: usize) -> usize {
    length.wrapping_neg() & 31
}

impl Swap {
    pub fn encode(&self, selector: [u8; 4]) -> Vec<u8> {
        let intent = &self.intent;
        let padded = |bytes: &[u8]| 32 + bytes.len() + padding(bytes.len());
        let signature = padded(&intent.signature);
        let mut out = Vec::with_capacity(4 + 64 + 320 + signature + padded(&intent.prefix));
        out.extend_from_slice(&selector);
        put(&mut out, &U256::from(64));
        put(&mut out, &U256::from(self.pool_fee as u64));
        put(&mut out, &intent.recipient_amount);
        put(&mut out, &intent.deadline);
        put_address(&mut out, &intent.recipient);
        put_address(&mut out, &intent.recipient_currency);
        put_address(&mut out, &intent.refund_destination);
        put(&mut out, &intent.fee_amount);
        out.extend_from_slice(&intent.id);
        out.extend_from_slice(&[0; 16]);
        put_address(&mut out, &intent.operator);
        put(&mut out, &U256::from(320));
        put(&mut out, &U256::from(320 + signature as u64));
        put_bytes(&mut out, &intent.signature);
        put_bytes(&mut out, &intent.prefix);
        out
    }

    pub fn decode(data: &[u8], selector: [u8; 4]) -> Result<Swap, Error> {
        let arguments = data.strip_prefix(&selector).ok_or(Error::WrongSelector)?;
        let mut head = Words(arguments);
        head.expect(64)?;
        let fee = head.number()?;
        if fee.0[1] | fee.0[2] | fee.0[3] != 0 || fee.0[0] >= 1 << 24 {
            return Err(Error::OutOfRange);
        }
        let tuple = head.0;
        let recipient_amount = head.number()?;
        let deadline = head.number()?;
        let recipient = head.address()?;
        let recipient_currency = head.address()?;
        let refund_destination = head.address()?;
        let fee_amount = head.number()?;
        let word = head.word()?;
        let mut id = [0; 16];
        id.copy_from_slice(&word[..16]);
        if word[16..] != [0; 16] {
            return Err(Error::DirtyPadding);
        }
        let operator = head.address()?;
        let mut tail = Words(tuple.get(320..).ok_or(Error::TooShort)?);
        head.expect(320)?;
        let signature = tail.bytes()?;
        head.expect(tuple.len() - tail.0.len())?;
        let prefix = tail.bytes()?;
        if !tail.0.is_empty() {
            return Err(Error::Trailing);
        }
        let intent = Intent {
            recipient_amount,
            deadline,
            recipient,
            recipient_currency,
            refund_destination,
            fee_amount,
            id,
            operator,
            signature,
            prefix,
        };
        Ok(Swap { intent, pool_fee: fee.0[0] as u32 })
    }
}

struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        if count > self.0.len() {
            return Err(Error::TooShort);
        }
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        Ok(taken)
    }

    #[inline]
    fn word(&mut self) -> Result<&'a [u8; 32], Error> {
        self.take(32)?.try_into().map_err(|_| Error::TooShort)
    }

    #[inline]
    fn number(&mut self) -> Result<U256, Error> {
        Ok(U256::from_word(self.word()?))
    }

    #[inline]
    fn length(&mut self) -> Result<usize, Error> {
        let number = self.number()?;
        if number.0[1] | number.0[2] | number.0[3] != 0 || number.0[0] > u32::MAX as u64 {
            return Err(Error::OutOfRange);
        }
        Ok(number.0[0] as usize)
    }

    #[inline]
    fn expect(&mut self, offset: usize) -> Result<(), Error> {
        if self.length()? == offset {
            Ok(())
        } else {
            Err(Error::WrongOffset)
        }
    }

    #[inline]
    fn address(&mut self) -> Result<Address, Error> {
        let word = self.word()?;
        if word[..12] != [0; 12] {
            return Err(Error::DirtyPadding);
        }
        let mut address = [0; 20];
        address.copy_from_slice(&word[12..]);
        Ok(address)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        if self.take(padding(length))?.iter().any(|&byte| byte != 0) {
            return Err(Error::DirtyPadding);
        }
        Ok(bytes.to_vec())
    }
}
