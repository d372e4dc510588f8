package main

import (
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/params"
)

// failing is how many transactions of a rich block are meant to fail: one
// reverts, one runs out of gas, one leaves no contract behind.
const failing = 3

// more adds what the headline's block leaves out: storage that is cleared,
// every precompiled contract but one, calls within calls, accounts that are
// only looked at, contracts that end, and what came with the fork.
func (m *maker) more() {
	for _, call := range precompileCalls(m.rules, m.accounts[510]) {
		m.call(relayAddress, 0, relayInput(call.address, call.input))
	}
	// To revert within a call is no failure of the transaction.
	m.call(relayAddress, 0, relayInput(tokenAddress, transferInput(m.accounts[0].address, 1_000_000)))
	for i := range 4 {
		m.call(proxyAddress, 0, transferInput(m.accounts[420+i].address, int64(i+1)))
	}
	m.call(ledgerAddress, 0, ledgerInput(0, 24, 0))
	m.call(ledgerAddress, 0, ledgerInput(24, 24, 9))
	m.call(ledgerAddress, 0, ledgerInput(1_000, 12, 9))
	// Written and written back.
	m.call(ledgerAddress, 0, slices.Concat(ledgerInput(60, 4, 1), ledgerInput(60, 4, 0), ledgerInput(64, 2, 0)))
	m.dynamic(&ledgerAddress, common.Big0, ledgerInput(2_000, 24, 9), m.gas()/10) // out of gas
	m.create(newCode(m.rules).zero().zero().Op(vm.REVERT).Bytes())
	m.call(censusAddress, 0, m.census())
	m.call(clockAddress, 0, nil)
	m.call(doomedAddress, 0, nil)
	if m.rules.IsCancun {
		m.withBlobs(2, clockAddress, m.gas())
		m.call(relayAddress, 0, relayInput(params.BeaconRootsAddress, words(int64(m.block.Timestamp()-slotSeconds))))
	}
	if m.rules.IsPrague {
		m.prague()
	}
}

// census is the input of censusCode: contracts, accounts, and nobody.
func (m *maker) census() []byte {
	seen := []common.Address{tokenAddress, relayAddress, m.accounts[540].address, contractAddress("nobody")}
	var input []byte
	for _, address := range seen {
		input = append(input, common.LeftPadBytes(address.Bytes(), 32)...)
	}
	return input
}

// prague adds what the contracts of the system are asked for, and changes the
// delegations of two accounts.
func (m *maker) prague() {
	parent := new(big.Int).Sub(m.block.Number(), common.Big1)
	m.call(relayAddress, 0, relayInput(params.HistoryStorageAddress, common.BigToHash(parent).Bytes()))
	// A public key and an amount (EIP-7002), two public keys (EIP-7251); the
	// value pays their fees.
	m.call(relayAddress, 1, relayInput(params.WithdrawalQueueAddress, make([]byte, 48+8)))
	m.call(relayAddress, 1, relayInput(params.ConsolidationQueueAddress, make([]byte, 48+48)))
	m.call(m.chain.Config().DepositContractAddress, 0, depositInput())

	released, delegate := m.accounts[delegatedAccount], m.accounts[delegatedAccount+1]
	m.setCode(delegate.address, transferInput(m.accounts[424].address, 0),
		m.authorization(released, common.Address{}), m.authorization(delegate, tokenAddress))
}
