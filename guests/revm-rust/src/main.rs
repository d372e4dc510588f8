//! revm runs one transaction whose contract loops over keccak256, mulmod and
//! sstore, from an empty state; the output names what is left of it.

use revm::context::{BlockEnv, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::{address, hardfork::SpecId, keccak256, Address, Bytes, TxKind, U256};
use revm::state::{AccountInfo, Bytecode};
use revm::{Context, ExecuteEvm, MainBuilder, MainContext};

const CONTRACT: Address = address!("00000000000000000000000000000000000c0de0");
const CALLER: Address = address!("00000000000000000000000000000000000ca11e");

/// Rounds of the loop use so much gas at most: sstore into a cold, empty slot.
const GAS_PER_ROUND: u64 = 25_000;

/// What the contract does, `n` being the first word of its input:
///
/// ```text
/// for (; n != 0; n--) {
///     memory[0..32] = keccak256(memory[0..64])
///     memory[32..64] = mulmod(memory[0..32], memory[32..64] + n, 2^255 - 19)
///     storage[n & 0xff] = memory[32..64]
/// }
/// return memory[0..64]
/// ```
const CODE: &[u8] = &[
    0x5f, 0x35, // PUSH0 CALLDATALOAD                                    n
    0x5b, // JUMPDEST: the loop
    0x80, 0x15, 0x60, END, 0x57, // DUP1 ISZERO PUSH1 END JUMPI          n
    0x60, 0x40, 0x5f, 0x20, // PUSH1 64 PUSH0 KECCAK256                  n hash
    0x80, 0x5f, 0x52, // DUP1 PUSH0 MSTORE                               n hash
    0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xed, // PUSH32 2^255 - 19                                           n hash p
    0x90, 0x82, 0x60, 0x20, 0x51, 0x01, // SWAP1 DUP3 PUSH1 32 MLOAD ADD n p hash (m + n)
    0x09, // MULMOD                                                      n product
    0x80, 0x60, 0x20, 0x52, // DUP1 PUSH1 32 MSTORE                      n product
    0x81, 0x60, 0xff, 0x16, 0x55, // DUP2 PUSH1 255 AND SSTORE           n
    0x60, 0x01, 0x90, 0x03, // PUSH1 1 SWAP1 SUB                         n - 1
    0x60, 0x02, 0x56, // PUSH1 2 JUMP
    0x5b, 0x60, 0x40, 0x5f, 0xf3, // JUMPDEST: the end; PUSH1 64 PUSH0 RETURN
];

/// The position of the last JUMPDEST.
const END: u8 = 71;

fn main() {
    wasrisc_guest::run(|payload| {
        let rounds = wasrisc_guest::u32_payload(payload)?;
        let hash = keccak256(execute(rounds)?);
        Ok(format!("revm: {rounds} rounds: {hash}\n"))
    })
}

/// What the contract returned, then each slot that it left with its value, in
/// the order of the slots.
fn execute(rounds: u32) -> Result<Vec<u8>, String> {
    let mut database = CacheDB::new(EmptyDB::default());
    let code = Bytecode::new_legacy(Bytes::from_static(CODE));
    database.insert_account_info(CONTRACT, AccountInfo::from_bytecode(code));
    let gas = 100_000 + GAS_PER_ROUND * u64::from(rounds);
    let block = BlockEnv { gas_limit: gas, ..Default::default() };
    let mut evm = Context::mainnet()
        .with_db(database)
        .with_block(block)
        .modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
            cfg.tx_gas_limit_cap = Some(u64::MAX);
        })
        .build_mainnet();
    let transaction = TxEnv::builder()
        .caller(CALLER)
        .kind(TxKind::Call(CONTRACT))
        .data(U256::from(rounds).to_be_bytes_vec().into())
        .gas_limit(gas)
        .build()
        .map_err(|error| format!("bad transaction: {error:?}"))?;
    let done = evm.transact(transaction).map_err(|error| format!("bad transaction: {error}"))?;
    if !done.result.is_success() {
        return Err(format!("the contract failed: {:?}", done.result));
    }
    let mut bytes = done.result.into_output().unwrap_or_default().to_vec();
    let account = done.state.get(&CONTRACT).ok_or("the contract is not in the state")?;
    let mut slots: Vec<_> = account.storage.iter().map(|(k, v)| (k, v.present_value)).collect();
    slots.sort_unstable();
    for (slot, value) in slots {
        bytes.extend(slot.to_be_bytes::<32>());
        bytes.extend(value.to_be_bytes::<32>());
    }
    Ok(bytes)
}
