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
	block    *core.BlockGen
	chain    *core.BlockChain
	accounts []account
	next     int // the account that sends the next transaction
}

func newMaker(block *core.BlockGen, chain *core.BlockChain, accounts []account) *maker {
	number := block.Number().Bytes()
	block.SetPoS()
	block.OffsetTime(slotSeconds - makerSeconds)
	block.SetCoinbase(contractAddress("fee recipient"))
	block.SetParentBeaconRoot(crypto.Keccak256Hash([]byte("wasrisc beacon block"), number))
	// Each block has senders of its own, so that the nonces are not all zero
	// and not all the same.
	return &maker{block, chain, accounts, int(block.Number().Int64()) * 7}
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
	m.create(deployment(tokenCode()))
	m.create(deployment(historyCode()))
	m.legacy(m.accounts[310].address)
	m.withAccessList(tokenAddress, transferInput(m.accounts[411].address, 3))
	m.withBlob(m.accounts[311].address)
	m.delegating(m.accounts[312], digestAddress)

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
	m.add(func(nonce uint64) types.TxData {
		return &types.DynamicFeeTx{
			ChainID: m.chainID(), Nonce: nonce, To: &to, Value: ether(value), Data: input,
			Gas: 1_000_000, GasFeeCap: gwei(30), GasTipCap: gwei(1),
		}
	})
}

func (m *maker) create(init []byte) {
	m.add(func(nonce uint64) types.TxData {
		return &types.DynamicFeeTx{
			ChainID: m.chainID(), Nonce: nonce, Value: common.Big0, Data: init,
			Gas: 1_000_000, GasFeeCap: gwei(30), GasTipCap: gwei(1),
		}
	})
}

func (m *maker) legacy(to common.Address) {
	m.add(func(nonce uint64) types.TxData {
		return &types.LegacyTx{Nonce: nonce, To: &to, Value: ether(1), Gas: params.TxGas, GasPrice: gwei(20)}
	})
}

func (m *maker) withAccessList(to common.Address, input []byte) {
	m.add(func(nonce uint64) types.TxData {
		return &types.AccessListTx{
			ChainID: m.chainID(), Nonce: nonce, To: &to, Value: common.Big0, Data: input,
			Gas: 200_000, GasPrice: gwei(20),
			AccessList: types.AccessList{{Address: to, StorageKeys: []common.Hash{{}, {31: 1}}}},
		}
	})
}

// withBlob adds a transaction that carries a blob. A block has the blob's hash
// alone, so there need not be a blob of it.
func (m *maker) withBlob(to common.Address) {
	blob := crypto.Keccak256Hash([]byte("wasrisc blob"))
	blob[0] = 0x01 // the version of a KZG commitment, EIP-4844
	m.add(func(nonce uint64) types.TxData {
		return &types.BlobTx{
			ChainID: uint256.MustFromBig(m.chainID()), Nonce: nonce, To: to, Value: uint256.NewInt(1),
			Gas: params.TxGas, GasFeeCap: uint256.MustFromBig(gwei(30)), GasTipCap: uint256.MustFromBig(gwei(1)),
			BlobFeeCap: uint256.MustFromBig(gwei(1)), BlobHashes: []common.Hash{blob},
		}
	})
}

// delegating adds a transaction by which an account takes a contract's code
// for its own, and calls it.
func (m *maker) delegating(authority account, code common.Address) {
	authorization := must(types.SignSetCode(authority.key, types.SetCodeAuthorization{
		ChainID: *uint256.MustFromBig(m.chainID()), Address: code, Nonce: m.block.TxNonce(authority.address),
	}))
	input := must(ecrecoverInput(authority, "a delegation"))
	m.add(func(nonce uint64) types.TxData {
		return &types.SetCodeTx{
			ChainID: uint256.MustFromBig(m.chainID()), Nonce: nonce, To: authority.address, Value: new(uint256.Int),
			Gas: 300_000, GasFeeCap: uint256.MustFromBig(gwei(30)), GasTipCap: uint256.MustFromBig(gwei(1)),
			Data: input, AuthList: []types.SetCodeAuthorization{authorization},
		}
	})
}

func (m *maker) add(transaction func(nonce uint64) types.TxData) {
	sender := m.accounts[m.next]
	m.next++
	data := transaction(m.block.TxNonce(sender.address))
	m.block.AddTxWithChain(m.chain, types.MustSignNewTx(sender.key, m.block.Signer(), data))
}

func (m *maker) chainID() *big.Int { return m.chain.Config().ChainID }

func gwei(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.GWei)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
