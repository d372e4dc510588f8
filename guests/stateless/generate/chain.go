package main

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus"
	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rlp"
)

const (
	// After the last fork of Hoodi that go-ethereum knows a time for, BPO2.
	genesisTime = 1_767_225_600 // 2026-01-01 00:00:00 UTC
	slotSeconds = 12
	// The chain maker itself leaves ten seconds between blocks.
	makerSeconds = 10

	// Enough accounts for a state trie of three levels, as far as the walk
	// to any of them goes.
	accountCount = 600
	// The block has ancestors, so that it can ask for their hashes.
	ancestorCount = 4
)

// An account is one that transactions are sent from. Its key is public.
type account struct {
	key     *ecdsa.PrivateKey
	address common.Address
}

func makeAccounts() ([]account, error) {
	accounts := make([]account, accountCount)
	for i := range accounts {
		key, err := crypto.ToECDSA(crypto.Keccak256(fmt.Appendf(nil, "wasrisc account %d", i)))
		if err != nil {
			return nil, err
		}
		accounts[i] = account{key, crypto.PubkeyToAddress(key.PublicKey)}
	}
	return accounts, nil
}

func makeGenesis(accounts []account) *core.Genesis {
	alloc := types.GenesisAlloc{
		params.BeaconRootsAddress:        {Nonce: 1, Code: params.BeaconRootsCode},
		params.HistoryStorageAddress:     {Nonce: 1, Code: params.HistoryStorageCode},
		params.WithdrawalQueueAddress:    {Nonce: 1, Code: params.WithdrawalQueueCode},
		params.ConsolidationQueueAddress: {Nonce: 1, Code: params.ConsolidationQueueCode},
		tokenAddress:                     {Nonce: 1, Code: tokenCode(), Storage: tokenStorage(accounts)},
		digestAddress:                    {Nonce: 1, Code: digestCode()},
		historyAddress:                   {Nonce: 1, Code: historyCode()},
		factoryAddress:                   {Nonce: 1, Code: factoryCode()},
	}
	for i, account := range accounts {
		alloc[account.address] = types.Account{Balance: ether(int64(10 + i))}
	}
	return &core.Genesis{
		Config:     params.HoodiChainConfig,
		Timestamp:  genesisTime,
		GasLimit:   60_000_000,
		Difficulty: common.Big0,
		BaseFee:    big.NewInt(params.GWei),
		Alloc:      alloc,
	}
}

// makeBlock returns the newest block of a short chain and its witness as RLP.
func makeBlock() (block, witness []byte, err error) {
	accounts, err := makeAccounts()
	if err != nil {
		return nil, nil, err
	}
	genesis := makeGenesis(accounts)
	engine := beacon.New(ethash.NewFaker())

	chain, err := openChain(genesis, engine)
	if err != nil {
		return nil, nil, err
	}
	defer chain.Stop()

	db, blocks, _ := core.GenerateChainWithGenesis(genesis, engine, ancestorCount, func(i int, b *core.BlockGen) {
		newMaker(b, chain, accounts).ancestor(i)
	})
	if _, err := chain.InsertChain(blocks); err != nil {
		return nil, nil, err
	}
	newest, _ := core.GenerateChain(genesis.Config, blocks[len(blocks)-1], engine, db, 1, func(_ int, b *core.BlockGen) {
		newMaker(b, chain, accounts).newest()
	})
	// The chain that imports the block is the one that writes the witness.
	collected, err := chain.InsertBlockWithoutSetHead(context.Background(), newest[0], true)
	if err != nil {
		return nil, nil, err
	}
	if block, err = rlp.EncodeToBytes(newest[0]); err != nil {
		return nil, nil, err
	}
	witness, err = rlp.EncodeToBytes(collected)
	return block, witness, err
}

func openChain(genesis *core.Genesis, engine consensus.Engine) (*core.BlockChain, error) {
	config := core.DefaultConfig().WithStateScheme(rawdb.HashScheme)
	// Reads that a snapshot answers would leave no trace in the witness.
	config.SnapshotLimit = 0
	return core.NewBlockChain(rawdb.NewMemoryDatabase(), genesis, engine, config)
}

func ether(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.Ether)) }
