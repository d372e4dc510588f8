package main

import (
	"encoding/json"
	"math/big"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// blockJSON is what a node answers to eth_getBlockByNumber with full
// transactions. go-ethereum's own marshalling gives all that the block holds;
// beside it a node says where a transaction stands and what it paid.
func (m *made) blockJSON(config *params.ChainConfig) ([]byte, error) {
	block := m.block
	result, err := object(block.Header())
	if err != nil {
		return nil, err
	}
	signer := types.MakeSigner(config, block.Number(), block.Time())
	transactions := make([]map[string]any, len(block.Transactions()))
	for i, tx := range block.Transactions() {
		fields, err := object(tx)
		if err != nil {
			return nil, err
		}
		sender, err := types.Sender(signer, tx)
		if err != nil {
			return nil, err
		}
		fields["from"] = sender
		fields["blockHash"] = block.Hash()
		fields["blockNumber"] = (*hexutil.Big)(block.Number())
		fields["blockTimestamp"] = hexutil.Uint64(block.Time())
		fields["transactionIndex"] = hexutil.Uint64(i)
		fields["gasPrice"] = (*hexutil.Big)(paid(tx, block.BaseFee()))
		transactions[i] = fields
	}
	result["transactions"] = transactions
	result["size"] = hexutil.Uint64(block.Size())
	result["uncles"] = []string{}
	if block.Withdrawals() != nil {
		result["withdrawals"] = block.Withdrawals()
	}
	return reply(result)
}

// paid is the price of gas that a transaction of a block paid.
func paid(tx *types.Transaction, baseFee *big.Int) *big.Int {
	tip, _ := tx.EffectiveGasTip(baseFee)
	return tip.Add(tip, baseFee)
}

// witnessJSON is what go-ethereum answers to debug_executionWitness.
func (m *made) witnessJSON() ([]byte, error) { return reply(m.witness.ToExtWitness()) }

func reply(result any) ([]byte, error) {
	return json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "result": result})
}

// object is a value as go-ethereum marshals it, without what a fork has not.
func object(value any) (map[string]any, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		return nil, err
	}
	for name, field := range fields {
		// What a node leaves out, but for the recipient of a creation.
		if field == nil && name != "to" {
			delete(fields, name)
		}
	}
	return fields, nil
}
