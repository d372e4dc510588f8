package verify

import (
	"fmt"

	"github.com/ethereum/go-ethereum/params"
)

// A network is a chain whose rules go-ethereum knows.
type network struct {
	name   string
	config *params.ChainConfig
}

func networkOf(chainID uint64) (network, error) {
	networks := [...]network{
		{"mainnet", params.MainnetChainConfig},
		{"sepolia", params.SepoliaChainConfig},
		{"hoodi", params.HoodiChainConfig},
	}
	for _, network := range networks {
		if network.config.ChainID.Uint64() == chainID {
			return network, nil
		}
	}
	return network{}, fmt.Errorf(
		"chain %d is not known: mainnet is 1, sepolia 11155111, hoodi 560048", chainID)
}
