//! Times what Rust takes for the rows of the benchmarks, and prints the figures as JSON; or has callgrind count its
//! instructions.
//!
//! usage: airlock-peers CHARGE
//!        valgrind --tool=callgrind --instr-atstart=no airlock-peers CHARGE COUNT

use airlock_peers::abi::{self, Swap};
use airlock_peers::charge::{Charge, Request, Terms};
use airlock_peers::curve::Curve;
use airlock_peers::number::U256;
use airlock_peers::rlp::Signed;
use airlock_peers::{callgrind, hexadecimal, keccak};
use sha3::Digest;
use std::hint::black_box;
use std::time::Instant;

/// The hashes of the bytes 0, 1, 2 … of each size.
const HASHES: [(&str, usize, &str); 5] = [
    ("32B", 32, "8ae1aa597fa146ebd3aa2ceddf360668dea5e526567e92b0321816a4e895bd2d"),
    ("136B", 136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"),
    ("516B", 516, "2d8507a045cf3f8e749eb50c9fb173f57c82ba7891f834ba2b8f3fa8cbdd49f1"),
    ("1KiB", 1 << 10, "5902e53903be0d0f9656bdbd5b9f0d8c2d815f865645d629eef77f5185f6cd7f"),
    ("64KiB", 1 << 16, "c08f0bb275258a9414387aea0572ede249d46d06e04df5a538f3b614f94ad8db"),
];

/// The hash of the transaction by eth-account, over call data by eth-abi.
const TRANSACTION: &str = "8116b1b23a6d4ea456ce2a064983b0679d2339f5f17cc19a6e53032476352475";

/// Takes the rows one by one: times each, or has callgrind count it.
struct Rows {
    /// How often callgrind is to count each; `None` where they are timed.
    count: Option<u32>,
    figures: Vec<serde_json::Value>,
}

impl Rows {
    fn add<T>(&mut self, name: &str, peer: &str, mut work: impl FnMut() -> T) {
        let peer = format!("{peer} (Rust)");
        let mut turn = |count| {
            for _ in 0..count {
                black_box(work());
            }
        };
        let Some(count) = self.count else {
            return self.figures.push(serde_json::json!({ "row": name, "peer": peer, "ns": measure(turn) }));
        };
        // Whatever is made once is made now, and the allocator has in stock what the work asks for.
        turn(count);
        callgrind::begin();
        turn(count);
        callgrind::end(&format!("{name} {peer}"));
    }
}

/// The median of many turns of about 0.1 ms, in nanoseconds.
fn measure(mut work: impl FnMut(u32)) -> f64 {
    let mut turn = |count: u32| {
        let start = Instant::now();
        work(count);
        start.elapsed().as_nanos() as f64 / count as f64
    };
    let count = (100_000.0 / turn(100)).max(1.0) as u32;
    let mut times: Vec<f64> = (0..301).map(|_| turn(count)).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn by_sha3(message: &[u8]) -> [u8; 32] {
    sha3::Keccak256::digest(message).into()
}

/// The transaction that is measured in all languages.
fn payment(charge: &[u8]) -> (Signed, Swap) {
    let charge: Charge = serde_json::from_slice(charge).expect("a charge");
    let request = Request::read(&charge).expect("a charge");
    let terms = Terms {
        nonce: 7,
        gas: 300_000,
        max_fee: U256::from(4_000_000_000),
        priority_fee: U256::from(1_000_000_000),
        value: U256::from(400_000_000_000_000),
    };
    let curve = Curve::new(&[7; 32]);
    assert!(request.is_proved(&curve));
    let transaction = request.transaction(&terms, selector());
    let signature = curve.sign(&keccak(&[&transaction.encode_unsigned()]), &[0x46; 32]).expect("a signature");
    (Signed { transaction, signature }, request.swap)
}

fn selector() -> [u8; 4] {
    let hash = keccak(&[abi::SIGNATURE.as_bytes()]);
    [hash[0], hash[1], hash[2], hash[3]]
}

fn main() {
    const USAGE: &str = "usage: airlock-peers CHARGE [COUNT]";
    let charge = std::fs::read(std::env::args().nth(1).expect(USAGE)).expect("no charge");
    let count: Option<u32> = std::env::args().nth(2).map(|text| text.parse().expect(USAGE));
    let mut rows = Rows { count, figures: Vec::new() };

    for (name, size, hash) in HASHES {
        let message: Vec<u8> = (0..size).map(|index| index as u8).collect();
        assert_eq!(hex::encode(by_sha3(&message)), hash);
        assert_eq!(hex::encode(keccak(&[&message])), hash);
        let name = format!("keccak/{name}");
        rows.add(&name, "sha3 0.10", || by_sha3(black_box(&message)));
        rows.add(&name, "tiny-keccak 2", || keccak(&[black_box(&message)]));
    }

    let bytes: Vec<u8> = (0..702).map(|index: usize| (index * 37) as u8).collect();
    let text = hex::encode(&bytes);
    assert_eq!(hex::decode(&text).expect("hex"), bytes);
    assert_eq!(hexadecimal::encode(&bytes), text);
    assert_eq!(hexadecimal::decode(&text), Some(bytes.clone()));
    assert_eq!(hexadecimal::decode(&text.replace('f', "g")), None);
    rows.add("hex/encode/702B", "hex 0.4", || hex::encode(black_box(&bytes)));
    rows.add("hex/encode/702B", "AVX2 by hand", || hexadecimal::encode(black_box(&bytes)));
    rows.add("hex/decode/702B", "hex 0.4", || hex::decode(black_box(&text)));
    rows.add("hex/decode/702B", "AVX2 by hand", || hexadecimal::decode(black_box(&text)));

    let read = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text);
    assert!(read(&charge).expect("JSON")["data"]["web3_data"]["transfer_intent"].is_object());
    rows.add("json/charge", "serde_json 1", || read(black_box(&charge)));

    let (signed, swap) = payment(&charge);
    let raw = signed.encode();
    assert_eq!((raw.len(), hex::encode(keccak(&[&raw]))), (702, TRANSACTION.to_string()));
    assert_eq!(Signed::decode(&raw).as_ref(), Ok(&signed));
    let mut buffer = Vec::new();
    rows.add("rlp/encode/702B", "by hand", || black_box(&signed).encode());
    rows.add("rlp/encode/702B/reused", "by hand", || {
        black_box(&signed).encode_into(&mut buffer);
        black_box(&buffer).len()
    });
    rows.add("rlp/decode/702B", "by hand", || Signed::decode(black_box(&raw)));

    let call = &signed.transaction.data;
    assert_eq!(&swap.encode(selector()), call);
    assert_eq!(Swap::decode(call, selector()).as_ref(), Ok(&swap));
    rows.add("abi/encode/swap", "by hand", || black_box(&swap).encode(selector_of(call)));
    rows.add("abi/decode/swap/typed", "by hand", || Swap::decode(black_box(call), selector_of(call)));

    let size = if count.is_some() { 100 } else { 1000 };
    let all = vec![signed.clone(); size];
    let encoded = Signed::encode_list(&all);
    assert_eq!(Signed::decode_list(&encoded).as_ref(), Ok(&all));
    rows.add(&format!("rlp/encode/{size}"), "by hand", || Signed::encode_list(black_box(&all)));
    rows.add(&format!("rlp/decode/{size}"), "by hand", || Signed::decode_list(black_box(&encoded)));

    if count.is_none() {
        println!("{}", serde_json::Value::Array(rows.figures));
    }
}

fn selector_of(call: &[u8]) -> [u8; 4] {
    [call[0], call[1], call[2], call[3]]
}
