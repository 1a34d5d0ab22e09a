//! The job of `airlock sign --lines` for charges that are paid by a swap. Of each line it reads the charge, proves its
//! operator, makes the call and the transaction, signs, decodes what it signed and recovers the sender from it; then it
//! appends a line to a ledger, each with the hash of the one before, and writes the answer. On one core, without a
//! policy, caps and a sandbox.
//!
//! usage: airlock-signer KEY LEDGER NOW <LINES

use airlock_peers::charge::{seconds, Charge, Request, Terms};
use airlock_peers::curve::Curve;
use airlock_peers::number::U256;
use airlock_peers::rlp::Signed;
use airlock_peers::{abi, fixed, hexadecimal, keccak, Address};
use serde::Deserialize;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, Read, Write};

/// How many lines are recorded in one go.
const CHUNK: usize = 256;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    charge: Charge<'a>,
    #[serde(borrow)]
    conditions: Conditions<'a>,
    method: &'a str,
    value: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conditions<'a> {
    chain_id: &'a str,
    sender: &'a str,
    nonce: &'a str,
    gas: &'a str,
    max_fee_per_gas: &'a str,
    max_priority_fee_per_gas: &'a str,
}

struct Signer {
    curve: Curve,
    secret: [u8; 32],
    address: Address,
    selector: [u8; 4],
    now: u64,
    claimed: String,
    head: [u8; 32],
}

impl Signer {
    /// Adds the line of the ledger and the answer to what is to be written.
    fn sign(&mut self, text: &[u8], ledger: &mut Vec<u8>, answers: &mut Vec<u8>) -> Option<()> {
        let line: Line = serde_json::from_slice(text).ok()?;
        let request = Request::read(&line.charge)?;
        let conditions = &line.conditions;
        let terms = Terms {
            nonce: conditions.nonce.parse().ok()?,
            gas: conditions.gas.parse().ok()?,
            max_fee: U256::from_decimal(conditions.max_fee_per_gas)?,
            priority_fee: U256::from_decimal(conditions.max_priority_fee_per_gas)?,
            value: U256::from_decimal(line.value)?,
        };
        let is_ours = line.method == "swapAndTransferUniswapV3Native"
            && conditions.chain_id.parse() == Ok(request.chain_id)
            && fixed(conditions.sender) == Some(self.address)
            && request.sender == self.address
            && request.swap.intent.deadline.0[0] > self.now;
        if !is_ours || !request.is_proved(&self.curve) {
            return None;
        }
        let transaction = request.transaction(&terms, self.selector);
        let digest = keccak(&[&transaction.encode_unsigned()]);
        let signature = self.curve.sign(&digest, &self.secret)?;
        let signed = Signed { transaction, signature };
        let raw = signed.encode();
        // What was signed is decoded afresh, and its sender recovered.
        let decoded = Signed::decode(&raw).ok()?;
        let signing_hash = keccak(&[&decoded.transaction.encode_unsigned()]);
        if decoded != signed || self.curve.recover(&signing_hash, &decoded.signature) != Some(self.address) {
            return None;
        }
        let hash = hexadecimal::encode(&keccak(&[&raw]));
        self.record(&line, &hash, &hexadecimal::encode(&signing_hash), ledger);
        let id = line.charge.data.id;
        writeln!(answers, r#"{{"ok":true,"raw":"0x{}","hash":"0x{hash}","chargeId":"{id}"}}"#, hexadecimal::encode(&raw)).ok()
    }

    fn record(&mut self, line: &Line, hash: &str, signing_hash: &str, ledger: &mut Vec<u8>) {
        let start = ledger.len();
        let data = &line.charge.data;
        let intent = &data.web3_data.transfer_intent;
        let _ = write!(
            ledger,
            concat!(
                r#"{{"airlock":1,"kind":"ledger","subject":"payment","previous":"0x{}","time":"{}","claimedTime":"{}","#,
                r#""chainId":"{}","from":"{}","chargeId":"{}","intentId":"{}","recipient":"{}","method":"{}","#,
                r#""spends":[{{"currency":"{}","amount":"{}"}}],"policyHash":"0x{:064}","#,
                r#""transactions":[{{"role":"pay","nonce":"{}","signingHash":"0x{}","hash":"0x{}"}}]}}"#
            ),
            hexadecimal::encode(&self.head), self.claimed, self.claimed, intent.metadata.chain_id, line.conditions.sender,
            data.id, intent.call_data.id, intent.call_data.recipient, line.method,
            "0x0000000000000000000000000000000000000000", line.value, 0, line.conditions.nonce, signing_hash, hash,
        );
        self.head = keccak(&[&ledger[start..]]);
        ledger.push(b'\n');
    }
}

fn flush(ledger: &mut Vec<u8>, answers: &mut Vec<u8>, file: &mut File, output: &mut impl Write) {
    file.write_all(ledger).and_then(|()| file.sync_data()).expect("the ledger cannot be written");
    output.write_all(answers).and_then(|()| output.flush()).expect("the answers cannot be written");
    ledger.clear();
    answers.clear();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, key, ledger, claimed] = arguments.as_slice() else { panic!("usage: airlock-signer KEY LEDGER NOW <LINES") };
    let text = std::fs::read_to_string(key).expect("no key");
    let secret = fixed(&format!("0x{}", text.trim().trim_start_matches("0x"))).expect("no key");
    let mut seed = [0; 32];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut seed)).expect("no randomness");
    let curve = Curve::new(&seed);
    let address = curve.address(&secret).expect("no key");
    let mut selector = [0; 4];
    selector.copy_from_slice(&keccak(&[abi::SIGNATURE.as_bytes()])[..4]);
    let now = seconds(claimed).expect("no time");
    let mut signer = Signer { curve, secret, address, selector, now, claimed: claimed.clone(), head: [0; 32] };
    let mut file = OpenOptions::new().append(true).create(true).open(ledger).expect("no ledger");
    let mut output = std::io::stdout().lock();
    let mut input = std::io::BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let (mut records, mut answers, mut line, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
    while input.read_until(b'\n', &mut line).expect("no lines") > 0 {
        if signer.sign(&line, &mut records, &mut answers).is_none() {
            answers.extend_from_slice(b"{\"ok\":false}\n");
        }
        line.clear();
        count += 1;
        if count % CHUNK == 0 {
            flush(&mut records, &mut answers, &mut file, &mut output);
        }
    }
    flush(&mut records, &mut answers, &mut file, &mut output);
}
