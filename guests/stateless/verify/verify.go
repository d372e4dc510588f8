// Package verify checks an Ethereum block against nothing but its execution
// witness, with go-ethereum's own rules.
package verify

import (
	"fmt"

	"github.com/ethereum/go-ethereum/core/types"
)

// Payload checks the block of a payload, the RLP list [chain_id, block,
// witness], and returns the verdict line of a valid one.
func Payload(payload []byte) (verdict string, err error) {
	task, err := decode(payload)
	if err != nil {
		return "", err
	}
	ancestors, err := task.ancestors()
	if err != nil {
		return "", err
	}
	if err := checkHeader(ancestors, task.block.Header()); err != nil {
		return "", err
	}
	if err := checkBody(task.block); err != nil {
		return "", err
	}
	if err := execute(ancestors, task.block, task.witness); err != nil {
		return "", err
	}
	return Verdict(task.network.name, task.block), nil
}

// Verdict returns the line that says a block of the named chain is valid. It
// holds nothing but what stands in the block's header.
func Verdict(chain string, block *types.Block) string {
	return fmt.Sprintf("stateless: %s block %d valid: state root %s receipts root %s\n",
		chain, block.NumberU64(), block.Root(), block.ReceiptHash())
}
