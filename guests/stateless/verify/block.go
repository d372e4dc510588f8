package verify

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus"
	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/trie"
)

// engine returns the rules of proof of stake. The proof-of-work engine behind
// it is never asked, as blocks from before the merge are refused.
func engine() consensus.Engine { return beacon.New(ethash.NewFaker()) }

// checkHeader checks what the header says by itself and beside its parent.
func checkHeader(ancestors *ancestors, header *types.Header) error {
	if header.Difficulty.Sign() != 0 {
		return fmt.Errorf("block header: difficulty %v, but only blocks after the merge are supported", header.Difficulty)
	}
	if err := ancestors.engine.VerifyHeader(ancestors, header); err != nil {
		return fmt.Errorf("block header: %w", err)
	}
	return nil
}

// checkBody checks that the body is the one the header commits to. The
// execution takes the body as it is.
func checkBody(block *types.Block) error {
	header := block.Header()
	if len(block.Uncles()) > 0 {
		return fmt.Errorf("block body: %d uncles, expected none", len(block.Uncles()))
	}
	if err := sameRoot("transactions", header.TxHash, block.Transactions()); err != nil {
		return err
	}
	withdrawals := block.Withdrawals()
	switch {
	case header.WithdrawalsHash != nil && withdrawals == nil:
		return errors.New("block body: no withdrawals, but the header has a root of them")
	case header.WithdrawalsHash != nil:
		return sameRoot("withdrawals", *header.WithdrawalsHash, withdrawals)
	case withdrawals != nil:
		return errors.New("block body: withdrawals, but the header has no root of them")
	}
	return nil
}

func sameRoot(name string, want common.Hash, list types.DerivableList) error {
	if got := types.DeriveSha(list, trie.NewStackTrie(nil)); got != want {
		return fmt.Errorf("block body: %s root %s, expected %s by the header", name, got, want)
	}
	return nil
}
