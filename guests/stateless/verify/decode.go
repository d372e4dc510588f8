package verify

import (
	"fmt"

	"github.com/ethereum/go-ethereum/core/stateless"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"
)

// A task is a decoded payload.
type task struct {
	network network
	block   *types.Block
	witness *stateless.Witness
}

func decode(payload []byte) (*task, error) {
	content, rest, err := rlp.SplitList(payload)
	if err != nil {
		return nil, fmt.Errorf("payload is not the list [chain_id, block, witness]: %w", err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("payload: %d trailing bytes at offset %d", len(rest), len(payload)-len(rest))
	}
	items := items{payload: payload, rest: content}
	var (
		chainID uint64
		block   types.Block
		witness stateless.Witness
	)
	if err := items.next("chain id", &chainID); err != nil {
		return nil, err
	}
	network, err := networkOf(chainID)
	if err != nil {
		return nil, err
	}
	if err := items.next("block", &block); err != nil {
		return nil, err
	}
	if err := items.next("witness", &witness); err != nil {
		return nil, err
	}
	if len(items.rest) > 0 {
		return nil, fmt.Errorf("payload at offset %d: a fourth item, expected [chain_id, block, witness]", items.offset())
	}
	return &task{network, &block, &witness}, nil
}

// items walks the items of a list at the end of the payload.
type items struct {
	payload []byte
	rest    []byte
}

func (i *items) offset() int { return len(i.payload) - len(i.rest) }

// next decodes one item, all of it, into the value.
func (i *items) next(name string, value any) error {
	if len(i.rest) == 0 {
		return fmt.Errorf("%s is missing: the payload ends at offset %d", name, i.offset())
	}
	_, _, rest, err := rlp.Split(i.rest)
	if err == nil {
		err = rlp.DecodeBytes(i.rest[:len(i.rest)-len(rest)], value)
	}
	if err != nil {
		return fmt.Errorf("%s at payload offset %d does not decode: %w", name, i.offset(), err)
	}
	i.rest = rest
	return nil
}
