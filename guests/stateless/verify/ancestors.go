package verify

import (
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// ancestors is the chain as far as a witness knows it: the headers it brings,
// each proved by its hash. It is what go-ethereum calls a core.ChainContext.
type ancestors struct {
	config *params.ChainConfig
	engine consensus.Engine
	parent *types.Header
	byHash map[common.Hash]*types.Header
	// The first header asked for and not there, for the reason of a failure:
	// the EVM takes an ancestor that it cannot find for one of hash zero.
	missing error
}

// ancestors checks that the witness is one of the block's parent state.
func (t *task) ancestors() (*ancestors, error) {
	header := t.block.Header()
	if err := header.SanityCheck(); err != nil {
		return nil, fmt.Errorf("block header: %w", err)
	}
	a := &ancestors{
		config: t.network.config,
		engine: engine(),
		byHash: make(map[common.Hash]*types.Header, len(t.witness.Headers)),
	}
	for _, h := range t.witness.Headers {
		if err := h.SanityCheck(); err != nil {
			return nil, fmt.Errorf("witness header %v: %w", h.Number, err)
		}
		a.byHash[h.Hash()] = h
	}
	// The witness has its headers sorted, the highest number first, and
	// whoever opens its state takes the root of that one.
	a.parent = t.witness.Headers[0]
	if hash := a.parent.Hash(); hash != header.ParentHash {
		return nil, fmt.Errorf("witness: its newest header is block %v with hash %s, expected the parent of block %v, %s",
			a.parent.Number, hash, header.Number, header.ParentHash)
	}
	return a, nil
}

func (a *ancestors) Config() *params.ChainConfig  { return a.config }
func (a *ancestors) Engine() consensus.Engine     { return a.engine }
func (a *ancestors) CurrentHeader() *types.Header { return a.parent }

func (a *ancestors) GetHeader(hash common.Hash, number uint64) *types.Header {
	header := a.byHash[hash]
	if header != nil && header.Number.Uint64() == number {
		return header
	}
	if a.missing == nil {
		a.missing = fmt.Errorf("header of block %d with hash %s", number, hash)
	}
	return nil
}

func (a *ancestors) GetHeaderByHash(hash common.Hash) *types.Header { return a.byHash[hash] }

func (a *ancestors) GetHeaderByNumber(number uint64) *types.Header {
	for _, header := range a.byHash {
		if header.Number.Uint64() == number {
			return header
		}
	}
	return nil
}
