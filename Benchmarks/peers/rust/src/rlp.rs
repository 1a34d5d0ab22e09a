//! RLP of an EIP-1559 transaction, by hand: measured, allocated once, written; and read strictly, to typed fields.

use crate::number::U256;
use crate::Address;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub chain_id: u64,
    pub nonce: u64,
    pub priority_fee: U256,
    pub max_fee: U256,
    pub gas: u64,
    pub to: Option<Address>,
    pub value: U256,
    pub data: Vec<u8>,
    pub access_list: Vec<(Address, Vec<[u8; 32]>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    pub is_odd: bool,
    pub r: U256,
    pub s: U256,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub transaction: Transaction,
    pub signature: Signature,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    BeyondEnd,
    Trailing,
    NotMinimal,
    LeadingZero,
    TooLarge,
    WrongLength,
    ExpectedBytes,
    ExpectedList,
    WrongType,
    WrongParity,
}

// MARK: encoding

#[inline]
fn prefix_length(length: usize) -> usize {
    if length < 56 {
        1
    } else {
        1 + significant(length as u64)
    }
}

#[inline]
fn significant(value: u64) -> usize {
    8 - value.leading_zeros() as usize / 8
}

#[inline]
fn length_of_bytes(bytes: &[u8]) -> usize {
    if bytes.len() == 1 && bytes[0] < 0x80 {
        1
    } else {
        prefix_length(bytes.len()) + bytes.len()
    }
}

#[inline]
fn length_of_integer(value: u64) -> usize {
    if value < 0x80 {
        1
    } else {
        1 + significant(value)
    }
}

#[inline]
fn length_of_large(value: &U256) -> usize {
    let count = value.byte_count();
    if count <= 1 && value.0[0] < 0x80 {
        1
    } else {
        1 + count
    }
}

#[inline]
fn put_prefix(out: &mut Vec<u8>, kind: u8, length: usize) {
    if length < 56 {
        out.push(kind + length as u8);
    } else {
        let count = significant(length as u64);
        out.push(kind + 55 + count as u8);
        out.extend_from_slice(&(length as u64).to_be_bytes()[8 - count..]);
    }
}

#[inline]
fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() == 1 && bytes[0] < 0x80 {
        out.push(bytes[0]);
    } else {
        put_prefix(out, 0x80, bytes.len());
        out.extend_from_slice(bytes);
    }
}

#[inline]
fn put_integer(out: &mut Vec<u8>, value: u64) {
    if value == 0 {
        out.push(0x80);
    } else if value < 0x80 {
        out.push(value as u8);
    } else {
        let count = significant(value);
        out.push(0x80 + count as u8);
        out.extend_from_slice(&value.to_be_bytes()[8 - count..]);
    }
}

#[inline]
fn put_large(out: &mut Vec<u8>, value: &U256) {
    let count = value.byte_count();
    if count <= 8 {
        put_integer(out, value.0[0]);
    } else {
        out.push(0x80 + count as u8);
        out.extend_from_slice(&value.word()[32 - count..]);
    }
}

impl Transaction {
    fn payload_length(&self) -> usize {
        length_of_integer(self.chain_id)
            + length_of_integer(self.nonce)
            + length_of_large(&self.priority_fee)
            + length_of_large(&self.max_fee)
            + length_of_integer(self.gas)
            + self.to.as_ref().map_or(1, |_| 21)
            + length_of_large(&self.value)
            + length_of_bytes(&self.data)
            + {
                let entries = self.access_list_length();
                prefix_length(entries) + entries
            }
    }

    fn access_list_length(&self) -> usize {
        self.access_list.iter().map(|(_, keys)| entry_length(keys)).map(|length| prefix_length(length) + length).sum()
    }

    fn put_fields(&self, out: &mut Vec<u8>) {
        put_integer(out, self.chain_id);
        put_integer(out, self.nonce);
        put_large(out, &self.priority_fee);
        put_large(out, &self.max_fee);
        put_integer(out, self.gas);
        match &self.to {
            Some(address) => {
                out.push(0x80 + 20);
                out.extend_from_slice(address);
            }
            None => out.push(0x80),
        }
        put_large(out, &self.value);
        put_bytes(out, &self.data);
        put_prefix(out, 0xc0, self.access_list_length());
        for (address, keys) in &self.access_list {
            put_prefix(out, 0xc0, entry_length(keys));
            put_bytes(out, address);
            put_prefix(out, 0xc0, 33 * keys.len());
            keys.iter().for_each(|key| put_bytes(out, key));
        }
    }

    /// What is signed: the byte of the type and the list.
    pub fn encode_unsigned(&self) -> Vec<u8> {
        let payload = self.payload_length();
        let mut out = Vec::with_capacity(1 + prefix_length(payload) + payload);
        out.push(2);
        put_prefix(&mut out, 0xc0, payload);
        self.put_fields(&mut out);
        out
    }
}

fn entry_length(keys: &[[u8; 32]]) -> usize {
    let keys = 33 * keys.len();
    21 + prefix_length(keys) + keys
}

impl Signed {
    fn payload_length(&self) -> usize {
        self.transaction.payload_length()
            + 1
            + length_of_large(&self.signature.r)
            + length_of_large(&self.signature.s)
    }

    fn put_list(&self, payload: usize, out: &mut Vec<u8>) {
        put_prefix(out, 0xc0, payload);
        self.transaction.put_fields(out);
        put_integer(out, self.signature.is_odd as u64);
        put_large(out, &self.signature.r);
        put_large(out, &self.signature.s);
    }

    /// Replaces what the buffer holds by the bytes that are sent.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let payload = self.payload_length();
        out.clear();
        out.reserve(1 + prefix_length(payload) + payload);
        out.push(2);
        self.put_list(payload, out);
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    /// The list without the byte of the type, so many times in a list.
    pub fn encode_list(transactions: &[Signed]) -> Vec<u8> {
        let length = |signed: &Signed| {
            let payload = signed.payload_length();
            prefix_length(payload) + payload
        };
        let payload = transactions.iter().map(length).sum();
        let mut out = Vec::with_capacity(prefix_length(payload) + payload);
        put_prefix(&mut out, 0xc0, payload);
        transactions.iter().for_each(|signed| signed.put_list(signed.payload_length(), &mut out));
        out
    }

    pub fn decode(raw: &[u8]) -> Result<Signed, Error> {
        let (&first, mut rest) = raw.split_first().ok_or(Error::BeyondEnd)?;
        if first != 2 {
            return Err(Error::WrongType);
        }
        let signed = Signed::decode_item(&mut rest)?;
        rest.is_empty().then_some(signed).ok_or(Error::Trailing)
    }

    pub fn decode_list(bytes: &[u8]) -> Result<Vec<Signed>, Error> {
        let mut rest = bytes;
        let mut list = take(&mut rest, true)?;
        if !rest.is_empty() {
            return Err(Error::Trailing);
        }
        let mut all = Vec::new();
        while !list.is_empty() {
            all.push(Signed::decode_item(&mut list)?);
        }
        Ok(all)
    }

    fn decode_item(input: &mut &[u8]) -> Result<Signed, Error> {
        let mut list = take(input, true)?;
        let list = &mut list;
        let transaction = Transaction {
            chain_id: take_integer(list)?,
            nonce: take_integer(list)?,
            priority_fee: take_large(list)?,
            max_fee: take_large(list)?,
            gas: take_integer(list)?,
            to: match take(list, false)? {
                [] => None,
                bytes => Some(bytes.try_into().map_err(|_| Error::WrongLength)?),
            },
            value: take_large(list)?,
            data: take(list, false)?.to_vec(),
            access_list: take_access_list(list)?,
        };
        let parity = take_integer(list)?;
        if parity > 1 {
            return Err(Error::WrongParity);
        }
        let signature = Signature { is_odd: parity == 1, r: take_large(list)?, s: take_large(list)? };
        list.is_empty().then_some(Signed { transaction, signature }).ok_or(Error::Trailing)
    }
}

// MARK: decoding

/// The payload of the next item, which must be of the kind.
#[inline]
fn take<'a>(input: &mut &'a [u8], list: bool) -> Result<&'a [u8], Error> {
    let bytes = *input;
    let &prefix = bytes.first().ok_or(Error::BeyondEnd)?;
    if (prefix >= 0xc0) != list {
        return Err(if list { Error::ExpectedList } else { Error::ExpectedBytes });
    }
    if prefix < 0x80 {
        *input = &bytes[1..];
        return Ok(&bytes[..1]);
    }
    let short = (prefix & 0x3f) as usize;
    let (header, length) = if short < 56 { (1, short) } else { long_length(bytes, short - 55)? };
    if length > bytes.len() - header {
        return Err(Error::BeyondEnd);
    }
    let (payload, rest) = bytes[header..].split_at(length);
    if prefix == 0x81 && payload[0] < 0x80 {
        return Err(Error::NotMinimal);
    }
    *input = rest;
    Ok(payload)
}

fn long_length(bytes: &[u8], count: usize) -> Result<(usize, usize), Error> {
    let digits = bytes.get(1..1 + count).ok_or(Error::BeyondEnd)?;
    if digits[0] == 0 {
        return Err(Error::LeadingZero);
    }
    let mut word = [0; 8];
    word[8 - count..].copy_from_slice(digits);
    let length = u64::from_be_bytes(word);
    if length < 56 {
        return Err(Error::NotMinimal);
    }
    Ok((1 + count, usize::try_from(length).map_err(|_| Error::TooLarge)?))
}

#[inline]
fn scalar<'a>(input: &mut &'a [u8], most: usize) -> Result<&'a [u8], Error> {
    let bytes = take(input, false)?;
    if bytes.first() == Some(&0) {
        return Err(Error::LeadingZero);
    }
    if bytes.len() > most {
        return Err(Error::TooLarge);
    }
    Ok(bytes)
}

#[inline]
fn take_integer(input: &mut &[u8]) -> Result<u64, Error> {
    let bytes = scalar(input, 8)?;
    let mut word = [0; 8];
    word[8 - bytes.len()..].copy_from_slice(bytes);
    Ok(u64::from_be_bytes(word))
}

#[inline]
fn take_large(input: &mut &[u8]) -> Result<U256, Error> {
    let bytes = scalar(input, 32)?;
    U256::from_big_endian(bytes).ok_or(Error::TooLarge)
}

fn take_access_list(input: &mut &[u8]) -> Result<Vec<(Address, Vec<[u8; 32]>)>, Error> {
    let mut list = take(input, true)?;
    let mut entries = Vec::new();
    while !list.is_empty() {
        let mut entry = take(&mut list, true)?;
        let address = take(&mut entry, false)?.try_into().map_err(|_| Error::WrongLength)?;
        let mut rest = take(&mut entry, true)?;
        if !entry.is_empty() {
            return Err(Error::Trailing);
        }
        let mut keys = Vec::new();
        while !rest.is_empty() {
            keys.push(take(&mut rest, false)?.try_into().map_err(|_| Error::WrongLength)?);
        }
        entries.push((address, keys));
    }
    Ok(entries)
}
