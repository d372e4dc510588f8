package main

import (
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/params/forks"
)

// A fork is a set of rules that a block is made under: those of a public chain
// at one time.
type fork struct {
	name string
	file string // the files are FILE-block.rlp and FILE-witness.rlp
	// Whose rules. Only the three chains that the guest knows will do.
	config *params.ChainConfig
	// Of the genesis block, seconds since 1970.
	time uint64
	// Whether the block holds all that the fork's rules have to offer, or no
	// more than the headline's input, whose bytes stay as they are.
	rich bool
}

// allForks lists the forks from the merge on, in order. Sepolia began with the
// rules before the merge and went through every later fork by time, so a
// chain with its rules and a genesis block of the right time is at any of them.
func allForks() []fork {
	list := []fork{
		{name: "paris", time: *sepolia.ShanghaiTime - 3600},
		{name: "shanghai", time: *sepolia.ShanghaiTime},
		{name: "cancun", time: *sepolia.CancunTime},
		{name: "prague", time: *sepolia.PragueTime},
		{name: "osaka", time: *sepolia.OsakaTime},
		{name: "bpo1", time: *sepolia.BPO1Time},
		{name: "bpo2", time: genesisTime, file: "generated", config: params.HoodiChainConfig},
		{name: "amsterdam", time: *sepolia.AmsterdamTime},
	}
	for i := range list {
		if list[i].config == nil {
			list[i].file = "generated-" + list[i].name
			list[i].config = sepolia
			list[i].rich = true
		}
	}
	return list
}

var sepolia = params.SepoliaChainConfig

// chooseForks returns the forks of these names, or every one if there are none.
func chooseForks(names []string) ([]fork, error) {
	all := allForks()
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	byName := make(map[string]fork)
	for _, fork := range all {
		known = append(known, fork.name)
		byName[fork.name] = fork
	}
	var chosen []fork
	for _, name := range names {
		fork, ok := byName[name]
		if !ok {
			return nil, fmt.Errorf("no fork is called %q; there are %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, fork)
	}
	return chosen, nil
}

// rules are those of every block of the fork's chain.
func (f *fork) rules() params.Rules { return f.config.Rules(common.Big0, true, f.time) }

// geth is the fork as go-ethereum calls it.
func (f *fork) geth() forks.Fork { return f.config.LatestFork(f.time) }
