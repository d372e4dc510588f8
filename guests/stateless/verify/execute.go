package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/stateless"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
)

// execute runs the block on the state of its witness and compares the roots
// that come out with those of the header.
func execute(ancestors *ancestors, block *types.Block, witness *stateless.Witness) error {
	// Without roots in the header nothing can come out of them: geth insists.
	blank := block.Header()
	blank.Root, blank.ReceiptHash = common.Hash{}, common.Hash{}
	unproved := types.NewBlockWithHeader(blank).WithBody(*block.Body())

	stateRoot, receiptsRoot, err := core.ExecuteStateless(context.Background(), ancestors.config, vm.Config{}, unproved, witness)
	switch {
	case err != nil:
		// The error as it is.
	case stateRoot != block.Root():
		err = fmt.Errorf("state root %s, expected %s by the header", stateRoot, block.Root())
	case receiptsRoot != block.ReceiptHash():
		err = fmt.Errorf("receipts root %s, expected %s by the header", receiptsRoot, block.ReceiptHash())
	default:
		return nil
	}
	err = fmt.Errorf("block %d is invalid: %w", block.NumberU64(), err)
	if missing := lack(ancestors, block, witness); missing != nil && !strings.Contains(err.Error(), missing.Error()) {
		err = fmt.Errorf("%w (the witness is incomplete: %w)", err, missing)
	}
	return err
}
