package main

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"maps"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus"
	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/stateless"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

const (
	// Of the headline's input: after the last fork of Hoodi that go-ethereum
	// knows a time for, BPO2.
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

func makeGenesis(f *fork, accounts []account) *core.Genesis {
	rules := f.rules()
	alloc := contracts(rules, accounts)
	if rules.IsCancun {
		alloc[params.BeaconRootsAddress] = types.Account{Nonce: 1, Code: params.BeaconRootsCode}
	}
	if rules.IsPrague {
		alloc[params.HistoryStorageAddress] = types.Account{Nonce: 1, Code: params.HistoryStorageCode}
		alloc[params.WithdrawalQueueAddress] = types.Account{Nonce: 1, Code: params.WithdrawalQueueCode}
		alloc[params.ConsolidationQueueAddress] = types.Account{Nonce: 1, Code: params.ConsolidationQueueCode}
	}
	if rules.IsAmsterdam {
		alloc[params.BuilderDepositAddress] = types.Account{Nonce: 1, Code: params.BuilderDepositCode}
		alloc[params.BuilderExitAddress] = types.Account{Nonce: 1, Code: params.BuilderExitCode}
	}
	for i, account := range accounts {
		alloc[account.address] = types.Account{Balance: ether(int64(10 + i))}
	}
	genesis := &core.Genesis{
		Config:     f.config,
		Timestamp:  f.time,
		GasLimit:   60_000_000,
		Difficulty: common.Big0,
		BaseFee:    big.NewInt(params.GWei),
		Alloc:      alloc,
	}
	if f.rich {
		maps.Copy(alloc, richContracts(f, accounts))
		if rules.IsCancun {
			// So much that the price of a blob is more than the least one,
			// and another one for each schedule of blobs.
			excess := uint64(100 * params.BlobTxBlobGasPerBlob)
			genesis.ExcessBlobGas = &excess
		}
	}
	return genesis
}

// A made block is the newest of a short chain, with its witness.
type made struct {
	block    *types.Block
	witness  *stateless.Witness
	receipts types.Receipts
}

func makeBlock(f *fork) (*made, error) {
	accounts, err := makeAccounts()
	if err != nil {
		return nil, err
	}
	genesis := makeGenesis(f, accounts)
	engine := beacon.New(ethash.NewFaker())

	chain, err := openChain(genesis, engine)
	if err != nil {
		return nil, err
	}
	defer chain.Stop()

	db, blocks, _ := core.GenerateChainWithGenesis(genesis, engine, ancestorCount, func(i int, b *core.BlockGen) {
		newMaker(f, b, chain, accounts).ancestor(i)
	})
	if _, err := chain.InsertChain(blocks); err != nil {
		return nil, err
	}
	newest, receipts := core.GenerateChain(genesis.Config, blocks[len(blocks)-1], engine, db, 1, func(_ int, b *core.BlockGen) {
		newMaker(f, b, chain, accounts).newest()
	})
	// The chain that imports the block is the one that writes the witness.
	witness, err := chain.InsertBlockWithoutSetHead(context.Background(), newest[0], true)
	if err != nil {
		return nil, err
	}
	return &made{newest[0], witness, receipts[0]}, nil
}

func openChain(genesis *core.Genesis, engine consensus.Engine) (*core.BlockChain, error) {
	config := core.DefaultConfig().WithStateScheme(rawdb.HashScheme)
	// Reads that a snapshot answers would leave no trace in the witness.
	config.SnapshotLimit = 0
	return core.NewBlockChain(rawdb.NewMemoryDatabase(), genesis, engine, config)
}

func ether(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.Ether)) }
