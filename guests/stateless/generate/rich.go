package main

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

// The contracts that only the rich blocks have.
var (
	relayAddress  = contractAddress("relay")
	ledgerAddress = contractAddress("ledger")
	censusAddress = contractAddress("census")
	clockAddress  = contractAddress("clock")
	proxyAddress  = contractAddress("proxy")
	doomedAddress = contractAddress("doomed")

	depositTopic = crypto.Keccak256Hash([]byte("DepositEvent(bytes,bytes,bytes,bytes,bytes)"))
)

const (
	// How many slots of the ledger are there in the beginning.
	ledgerSlots = 96
	// The account that has delegated to a contract in the beginning.
	delegatedAccount = 340
)

func richContracts(f *fork, accounts []account) types.GenesisAlloc {
	rules := f.rules()
	storage := make(map[common.Hash]common.Hash)
	for i := range int64(ledgerSlots) {
		storage[common.BigToHash(big.NewInt(i))] = common.BigToHash(ether(i + 1))
	}
	alloc := types.GenesisAlloc{
		relayAddress:  {Nonce: 1, Code: relayCode(rules)},
		ledgerAddress: {Nonce: 1, Code: ledgerCode(rules), Storage: storage},
		censusAddress: {Nonce: 1, Code: censusCode(rules)},
		clockAddress:  {Nonce: 1, Code: clockCode(rules), Balance: ether(3)},
		proxyAddress:  {Nonce: 1, Code: proxyCode(rules), Storage: tokenStorage(accounts)},
		doomedAddress: {Nonce: 1, Code: newCode(rules).Op(vm.CALLER, vm.SELFDESTRUCT).Bytes(),
			Balance: ether(2), Storage: map[common.Hash]common.Hash{{}: {31: 1}}},
	}
	if rules.IsPrague {
		alloc[f.config.DepositContractAddress] = types.Account{Nonce: 1, Code: depositCode(rules)}
		alloc[accounts[delegatedAccount].address] = types.Account{
			Balance: ether(7), Code: types.AddressToDelegation(tokenAddress)}
	}
	return alloc
}

// relayCode calls the address in the first word of its input with the rest of
// it and the value, stores the hash of what comes back under that address, and
// logs whether the call succeeded.
func relayCode(rules params.Rules) []byte {
	p := newCode(rules).copyInput(32) // size
	p.zero().zero().Op(vm.DUP3).zero().Op(vm.CALLVALUE).zero().Op(vm.CALLDATALOAD, vm.GAS, vm.CALL)
	p.Op(vm.RETURNDATASIZE).zero().zero().Op(vm.RETURNDATACOPY)
	p.Op(vm.RETURNDATASIZE).zero().Op(vm.KECCAK256) // size success hash
	p.zero().Op(vm.CALLDATALOAD, vm.SSTORE)
	return p.zero().zero().Op(vm.LOG1, vm.STOP).Bytes()
}

// ledgerCode stores each second word of its input in the slot that the word
// before it says.
func ledgerCode(rules params.Rules) []byte {
	p := newCode(rules)
	p.forEachWord(2, func() {
		p.Op(vm.DUP1).Push(32).Op(vm.ADD, vm.CALLDATALOAD)
		p.Op(vm.DUP2, vm.CALLDATALOAD, vm.SSTORE)
	})
	return p.Op(vm.STOP).Bytes()
}

// censusCode looks at each account whose address is a word of its input, and
// stores a sum of balance, size and hash of the code under the address.
func censusCode(rules params.Rules) []byte {
	p := newCode(rules)
	p.forEachWord(1, func() {
		p.Op(vm.DUP1, vm.CALLDATALOAD)
		p.Op(vm.DUP1, vm.BALANCE, vm.DUP2, vm.EXTCODESIZE, vm.DUP3, vm.EXTCODEHASH)
		p.Op(vm.ADD, vm.ADD, vm.SWAP1, vm.SSTORE)
	})
	return p.Op(vm.STOP).Bytes()
}

// clockCode stores what the fork lets a contract know about block and
// transaction, each in a slot of its own, and uses the instructions that came
// with the fork.
func clockCode(rules params.Rules) []byte {
	p := newCode(rules)
	slot := 0
	store := func() {
		slot++
		p.Push(slot).Op(vm.SSTORE)
	}
	for _, op := range []vm.OpCode{vm.COINBASE, vm.TIMESTAMP, vm.PREVRANDAO, vm.GASLIMIT,
		vm.CHAINID, vm.BASEFEE, vm.SELFBALANCE, vm.ORIGIN, vm.GASPRICE} {
		p.Op(op)
		store()
	}
	if rules.IsCancun {
		p.Op(vm.BLOBBASEFEE)
		store()
		for index := range 2 {
			p.Push(index).Op(vm.BLOBHASH)
			store()
		}
		p.Op(vm.TIMESTAMP).Push(1).Op(vm.TSTORE)
		p.Push(1).Op(vm.TLOAD)
		store()
		p.Op(vm.CALLER).zero().Op(vm.MSTORE)
		p.Push(32).zero().Push(16).Op(vm.MCOPY).Push(16).Op(vm.MLOAD)
		store()
	}
	if rules.IsOsaka {
		p.Op(vm.TIMESTAMP, vm.CLZ)
		store()
	}
	if rules.IsAmsterdam {
		p.Op(vm.SLOTNUM)
		store()
	}
	return p.Op(vm.STOP).Bytes()
}

// proxyCode runs the token's code on storage of its own.
func proxyCode(rules params.Rules) []byte {
	p := newCode(rules).copyInput(0) // size
	p.zero().zero().Op(vm.DUP3).zero().Push(tokenAddress).Op(vm.GAS, vm.DELEGATECALL)
	p.Op(vm.RETURNDATASIZE).zero().zero().Op(vm.RETURNDATACOPY)
	return p.Op(vm.RETURNDATASIZE).zero().Op(vm.RETURN).Bytes()
}

// depositCode logs its input as the deposit contract logs a deposit (EIP-6110).
func depositCode(rules params.Rules) []byte {
	p := newCode(rules).copyInput(0) // size
	return p.Push(depositTopic.Bytes()).Op(vm.SWAP1).zero().Op(vm.LOG1, vm.STOP).Bytes()
}

// depositInput is the data of the event of a deposit, as Solidity encodes it.
func depositInput() []byte {
	fields := [][]byte{
		common.RightPadBytes([]byte("public key"), 48),
		common.RightPadBytes([]byte("withdrawal credentials"), 32),
		{0, 0x40, 0x59, 0x73, 0x07, 0, 0, 0}, // 32 ether in Gwei, little-endian
		common.RightPadBytes([]byte("signature"), 96),
		{7, 0, 0, 0, 0, 0, 0, 0},
	}
	var heads, tails []byte
	for _, field := range fields {
		heads = append(heads, words(int64(32*len(fields)+len(tails)))...)
		tails = append(tails, words(int64(len(field)))...)
		tails = append(tails, common.RightPadBytes(field, (len(field)+31)/32*32)...)
	}
	return append(heads, tails...)
}

// relayInput is the input of relayCode.
func relayInput(to common.Address, input []byte) []byte {
	return append(common.LeftPadBytes(to.Bytes(), 32), input...)
}

// ledgerInput is the input of ledgerCode that sets so many slots from one on.
func ledgerInput(from, count int64, value int64) []byte {
	var input []byte
	for slot := range count {
		input = append(input, words(from+slot, value)...)
	}
	return input
}
