package main

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"
)

// A maker fills one block with transactions. Like the chain maker beneath it,
// it panics on a transaction that cannot be executed: the blocks are constants
// of this program, and such a one is a mistake in it.
type maker struct {
	rules    params.Rules
	rich     bool
	block    *core.BlockGen
	chain    *core.BlockChain
	accounts []account
	next     int // the account that sends the next transaction
}

func newMaker(f *fork, block *core.BlockGen, chain *core.BlockChain, accounts []account) *maker {
	number := block.Number().Bytes()
	block.OffsetTime(slotSeconds - makerSeconds)
	block.SetPoS() // after the time, which has set a difficulty
	block.SetCoinbase(contractAddress("fee recipient"))
	if f.rules().IsCancun {
		block.SetParentBeaconRoot(crypto.Keccak256Hash([]byte("wasrisc beacon block"), number))
	}
	// Each block has senders of its own, so that the nonces are not all zero
	// and not all the same.
	return &maker{f.rules(), f.rich, block, chain, accounts, int(block.Number().Int64()) * 7}
}

// ancestor fills the i-th block before the newest one.
func (m *maker) ancestor(i int) {
	for k := range 3 + i {
		m.call(m.accounts[100+k].address, 1, nil)
		m.call(tokenAddress, 0, transferInput(m.accounts[200+k].address, 5))
	}
}

// newest fills the block that the witness is made for: a small mix of what
// blocks of mainnet hold.
func (m *maker) newest() {
	for i := range 8 {
		m.call(m.accounts[300+i].address, int64(i+1), nil)
	}
	for i := range 2 {
		m.call(contractAddress("new account "+string(rune('a'+i))), 1, nil)
	}
	for i := range 10 {
		m.call(tokenAddress, 0, transferInput(m.accounts[400+i].address, int64(i+1)))
	}
	m.call(tokenAddress, 0, transferInput(contractAddress("new holder"), 1))
	m.call(tokenAddress, 0, transferInput(m.accounts[0].address, 1_000_000)) // reverts
	for i := range 4 {
		m.call(digestAddress, 0, must(ecrecoverInput(m.accounts[500+i], "a message")))
	}
	m.call(historyAddress, 0, nil)
	m.call(factoryAddress, 0, common.BigToHash(big.NewInt(1)).Bytes())
	m.create(deployment(tokenCode(m.rules)))
	m.create(deployment(historyCode(m.rules)))
	m.legacy(m.accounts[310].address)
	m.withAccessList(tokenAddress, transferInput(m.accounts[411].address, 3))
	if m.rules.IsCancun {
		m.withBlobs(1, m.accounts[311].address, m.transferGas())
	}
	if m.rules.IsPrague {
		m.delegating(m.accounts[312], digestAddress)
	}
	if m.rich {
		m.more()
	}
	if m.rules.IsShanghai {
		m.withdrawals()
	}
}

func (m *maker) withdrawals() {
	for i := range 16 {
		m.block.AddWithdrawal(&types.Withdrawal{
			Validator: uint64(1000 + i),
			Address:   m.accounts[520+i/2].address,
			Amount:    uint64(17_000_000 + i),
		})
	}
}

// call adds the transaction of today: a fee cap and a tip.
func (m *maker) call(to common.Address, value int64, input []byte) {
	m.dynamic(&to, ether(value), input, m.gas())
}

func (m *maker) create(init []byte) { m.dynamic(nil, common.Big0, init, m.gas()) }

func (m *maker) dynamic(to *common.Address, wei *big.Int, input []byte, gas uint64) {
	m.add(func(nonce uint64) types.TxData {
		return &types.DynamicFeeTx{
			ChainID: m.chainID(), Nonce: nonce, To: to, Value: wei, Data: input,
			Gas: gas, GasFeeCap: gwei(30), GasTipCap: gwei(1),
		}
	})
}

func (m *maker) legacy(to common.Address) {
	m.add(func(nonce uint64) types.TxData {
		return &types.LegacyTx{Nonce: nonce, To: &to, Value: ether(1), Gas: m.transferGas(), GasPrice: gwei(20)}
	})
}

func (m *maker) withAccessList(to common.Address, input []byte) {
	m.add(func(nonce uint64) types.TxData {
		return &types.AccessListTx{
			ChainID: m.chainID(), Nonce: nonce, To: &to, Value: common.Big0, Data: input,
			Gas: m.gas() / 5, GasPrice: gwei(20),
			AccessList: types.AccessList{{Address: to, StorageKeys: []common.Hash{{}, {31: 1}}}},
		}
	})
}

// withBlobs adds a transaction that carries blobs. A block has the hashes of
// blobs alone, so there need not be any blob of them.
func (m *maker) withBlobs(count int, to common.Address, gas uint64) {
	var hashes []common.Hash
	for i := range count {
		name := "wasrisc blob"
		if i > 0 {
			name += string(rune('0' + i))
		}
		hash := crypto.Keccak256Hash([]byte(name))
		hash[0] = 0x01 // the version of a KZG commitment, EIP-4844
		hashes = append(hashes, hash)
	}
	m.add(func(nonce uint64) types.TxData {
		return &types.BlobTx{
			ChainID: uint256.MustFromBig(m.chainID()), Nonce: nonce, To: to, Value: uint256.NewInt(1),
			Gas: gas, GasFeeCap: uint256.MustFromBig(gwei(30)), GasTipCap: uint256.MustFromBig(gwei(1)),
			BlobFeeCap: uint256.MustFromBig(gwei(1)), BlobHashes: hashes,
		}
	})
}

// delegating adds a transaction by which an account takes a contract's code
// for its own, and calls it.
func (m *maker) delegating(authority account, code common.Address) {
	input := must(ecrecoverInput(authority, "a delegation"))
	m.setCode(authority.address, input, m.authorization(authority, code))
}

func (m *maker) authorization(authority account, code common.Address) types.SetCodeAuthorization {
	return must(types.SignSetCode(authority.key, types.SetCodeAuthorization{
		ChainID: *uint256.MustFromBig(m.chainID()), Address: code, Nonce: m.block.TxNonce(authority.address),
	}))
}

func (m *maker) setCode(to common.Address, input []byte, authorizations ...types.SetCodeAuthorization) {
	m.add(func(nonce uint64) types.TxData {
		return &types.SetCodeTx{
			ChainID: uint256.MustFromBig(m.chainID()), Nonce: nonce, To: to, Value: new(uint256.Int),
			Gas: m.gas() * 3 / 10, GasFeeCap: uint256.MustFromBig(gwei(30)), GasTipCap: uint256.MustFromBig(gwei(1)),
			Data: input, AuthList: authorizations,
		}
	})
}

func (m *maker) add(transaction func(nonce uint64) types.TxData) {
	sender := m.accounts[m.next]
	m.next++
	data := transaction(m.block.TxNonce(sender.address))
	m.block.AddTxWithChain(m.chain, types.MustSignNewTx(sender.key, m.block.Signer(), data))
}

// gas is enough for any one transaction of ours. Amsterdam has a price for
// each byte that the state grows by (EIP-8037).
func (m *maker) gas() uint64 {
	if m.rules.IsAmsterdam {
		return 10_000_000
	}
	return 1_000_000
}

func (m *maker) transferGas() uint64 {
	if m.rules.IsAmsterdam {
		return 10 * params.TxGas
	}
	return params.TxGas
}

func (m *maker) chainID() *big.Int { return m.chain.Config().ChainID }

func gwei(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.GWei)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
