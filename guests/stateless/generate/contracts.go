package main

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/core/vm/program"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

// The contracts of every chain.
var (
	tokenAddress   = contractAddress("token")
	digestAddress  = contractAddress("digest")
	historyAddress = contractAddress("history")
	factoryAddress = contractAddress("factory")

	transferTopic = crypto.Keccak256Hash([]byte("Transfer(address,address,uint256)"))
)

func contractAddress(name string) common.Address {
	return common.BytesToAddress(crypto.Keccak256([]byte("wasrisc contract " + name)))
}

func contracts(rules params.Rules, accounts []account) types.GenesisAlloc {
	return types.GenesisAlloc{
		tokenAddress:   {Nonce: 1, Code: tokenCode(rules), Storage: tokenStorage(accounts)},
		digestAddress:  {Nonce: 1, Code: digestCode(rules)},
		historyAddress: {Nonce: 1, Code: historyCode(rules)},
		factoryAddress: {Nonce: 1, Code: factoryCode(rules)},
	}
}

// tokenCode is a token without selectors: it takes a recipient and an amount,
// 32 bytes each, moves that much from the caller and logs the transfer. It
// reverts if the caller has less. Balances lie where Solidity puts a mapping
// declared first.
func tokenCode(rules params.Rules) []byte {
	p, zeros := newCode(rules), newCode(rules).zero().zero()
	p.skip(zeros.Size() + 2) // to the end of what the only other jump leads back to
	refuse := p.here()
	p.zero().zero().Op(vm.REVERT)
	p.here()

	p.Op(vm.CALLER)
	pushBalanceSlot(p)
	p.Op(vm.DUP1, vm.SLOAD)
	p.Push(32).Op(vm.CALLDATALOAD)                // slot balance amount
	p.Op(vm.DUP1, vm.DUP3, vm.LT)                 // slot balance amount balance<amount
	p.Push(refuse).Op(vm.JUMPI)                   // slot balance amount
	p.Op(vm.SWAP1, vm.DUP2, vm.SWAP1, vm.SUB)     // slot amount balance-amount
	p.Op(vm.SWAP1, vm.SWAP2, vm.SSTORE)           // amount
	p.zero().Op(vm.CALLDATALOAD)                  // amount recipient
	pushBalanceSlot(p)                            // amount slot
	p.Op(vm.DUP1, vm.SLOAD, vm.DUP3, vm.ADD)      // amount slot balance+amount
	p.Op(vm.SWAP1, vm.SSTORE)                     // amount
	p.zero().Op(vm.MSTORE)                        //
	p.zero().Op(vm.CALLDATALOAD).Op(vm.CALLER)    // recipient sender
	p.Push(transferTopic.Bytes()).Push(32).zero() // recipient sender topic 32 0
	p.Op(vm.LOG3)
	p.Push(1).zero().Op(vm.MSTORE)
	return p.Return(0, 32).Bytes()
}

// pushBalanceSlot replaces the address on the stack by the slot of its balance.
func pushBalanceSlot(p *code) {
	p.zero().Op(vm.MSTORE)
	p.zero().Push(32).Op(vm.MSTORE)
	p.Push(64).zero().Op(vm.KECCAK256)
}

// tokenStorage gives every account a balance of the token.
func tokenStorage(accounts []account) map[common.Hash]common.Hash {
	storage := make(map[common.Hash]common.Hash, len(accounts))
	for _, account := range accounts {
		slot := crypto.Keccak256Hash(common.LeftPadBytes(account.address.Bytes(), 32), make([]byte, 32))
		storage[slot] = common.BigToHash(ether(1_000))
	}
	return storage
}

// digestCode recovers the signer of its input (hash, v, r, s: the 128 bytes of
// ecrecover), hashes input and signer by SHA-256 a few times over, and stores
// the result under the caller.
func digestCode(rules params.Rules) []byte {
	const signer, digest = 128, 160
	p := newCode(rules)
	p.Push(128).zero().zero().Op(vm.CALLDATACOPY)
	p.StaticCall(nil, 1, 0, 128, signer, 32).Op(vm.POP)
	for range 8 {
		p.StaticCall(nil, 2, 0, digest+32, digest, 32).Op(vm.POP)
	}
	p.Push(digest).Op(vm.MLOAD).Op(vm.CALLER, vm.SSTORE)
	p.Push(signer).Op(vm.MLOAD).zero().Op(vm.MSTORE)
	return p.Return(0, 32).Bytes()
}

// historyCode stores the hashes of the block's ancestors.
func historyCode(rules params.Rules) []byte {
	p := newCode(rules)
	for age := 1; age <= ancestorCount; age++ {
		p.Push(age).Op(vm.NUMBER, vm.SUB, vm.BLOCKHASH)
		p.Push(age).Op(vm.SSTORE)
	}
	return p.Op(vm.STOP).Bytes()
}

// factoryCode makes a token by CREATE2, its salt the first word of the input.
func factoryCode(rules params.Rules) []byte {
	init := deployment(tokenCode(rules))
	p := newCode(rules)
	p.Mstore(init, 0)
	p.zero().Op(vm.CALLDATALOAD).Push(len(init)).zero().zero()
	return p.Op(vm.CREATE2, vm.POP, vm.STOP).Bytes()
}

// deployment is the code that a creating transaction runs to leave code behind.
func deployment(code []byte) []byte {
	return program.New().ReturnViaCodeCopy(code).Bytes()
}

// ecrecoverInput is the input of digestCode for a signature of the account's.
func ecrecoverInput(signer account, message string) ([]byte, error) {
	hash := crypto.Keccak256([]byte(message))
	signature, err := crypto.Sign(hash, signer.key)
	if err != nil {
		return nil, err
	}
	input := append(hash, common.LeftPadBytes([]byte{27 + signature[64]}, 32)...)
	return append(input, signature[:64]...), nil
}

// transferInput is the input of tokenCode.
func transferInput(to common.Address, amount int64) []byte {
	input := common.LeftPadBytes(to.Bytes(), 32)
	return append(input, common.BigToHash(ether(amount)).Bytes()...)
}
