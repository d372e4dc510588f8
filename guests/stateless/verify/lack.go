package verify

import (
	"context"

	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/stateless"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/triedb"
)

// lack runs a block that failed once more and returns the first thing that the
// execution needed and the witness does not have, nil if it has everything.
//
// core.ExecuteStateless cannot tell: its state database remembers a trie node
// or code that it could not find and goes on as if nothing were there, so that
// an incomplete witness fails with a wrong root or a wrong sum of gas. What is
// missing cannot be a verdict of its own: witnesses of older geth versions
// leave out the proof that an account does not exist, and are in use.
func lack(ancestors *ancestors, block *types.Block, witness *stateless.Witness) error {
	memory := witness.MakeHashDB()
	nodes := triedb.NewDatabase(memory, triedb.HashDefaults)
	db, err := state.New(witness.Root(), state.NewDatabase(nodes, state.NewCodeDB(memory)))
	if err != nil {
		return err
	}
	_, err = core.NewStateProcessor(ancestors).Process(context.Background(), block, db, nil, nil, vm.Config{}, nil)
	if err == nil {
		db.IntermediateRoot(ancestors.config.Rules(block.Number(), true, block.Time()))
	}
	if missing := db.Error(); missing != nil {
		return missing
	}
	return ancestors.missing
}
