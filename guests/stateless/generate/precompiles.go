package main

import (
	"bytes"
	hashes "crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

// The precompiled contract of EIP-4844 is the one that is left out: at its first
// use go-ethereum checks each of the 4096 points of the trusted setup, which
// takes longer than all else that the guest does.
var pointEvaluation = precompiled(0x0a)

// A precompileCall is a call to a precompiled contract.
type precompileCall struct {
	address common.Address
	input   []byte
}

// precompileCalls has a call of every precompiled contract of the rules that
// does real work, in the order of their addresses.
func precompileCalls(rules params.Rules, signer account) []precompileCall {
	inputs := map[common.Address][]byte{
		precompiled(1):    must(ecrecoverInput(signer, "a precompiled contract")),
		precompiled(2):    words(1, 2, 3),
		precompiled(3):    words(4, 5, 6),
		precompiled(4):    words(7, 8, 9, 10),
		precompiled(5):    modexpInput(),
		precompiled(6):    words(1, 2, 1, 2), // twice the generator of EIP-196
		precompiled(7):    words(1, 2, 12345),
		precompiled(8):    pairingInput(),
		precompiled(9):    blake2Input(),
		precompiled(0x0b): slices.Concat(g1(1), g1(2)),
		precompiled(0x0c): slices.Concat(g1(1), words(1234567), g1(2), words(7654321)),
		precompiled(0x0d): slices.Concat(g2(1), g2(2)),
		precompiled(0x0e): slices.Concat(g2(1), words(1234567), g2(2), words(7654321)),
		precompiled(0x0f): slices.Concat(g1(1), g2(1), g1(2), g2(2)),
		precompiled(0x10): fieldElement(3),
		precompiled(0x11): slices.Concat(fieldElement(3), fieldElement(4)),
		{18: 1}:           p256Input(),
	}
	active := slices.Clone(vm.ActivePrecompiles(rules))
	slices.SortFunc(active, common.Address.Cmp)
	var calls []precompileCall
	for _, address := range active {
		if address != pointEvaluation {
			calls = append(calls, precompileCall{address, inputs[address]})
		}
	}
	return calls
}

func precompiled(number byte) common.Address { return common.Address{19: number} }

// words are numbers of 32 bytes each.
func words(numbers ...int64) []byte {
	var out []byte
	for _, number := range numbers {
		out = append(out, common.BigToHash(big.NewInt(number)).Bytes()...)
	}
	return out
}

// modexpInput is 3 to a power of 256 bits, modulo another such number.
func modexpInput() []byte {
	return slices.Concat(words(32, 32, 32, 3),
		crypto.Keccak256([]byte("exponent")), crypto.Keccak256([]byte("modulus")))
}

// pairingInput is e(P, Q) times e(-P, Q), which is one, of the generators of
// EIP-197.
func pairingInput() []byte {
	field, _ := new(big.Int).SetString("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16)
	minusTwo := common.BigToHash(field.Sub(field, big.NewInt(2))).Bytes()
	q := common.FromHex("198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2" +
		"1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed" +
		"090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b" +
		"12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa")
	return slices.Concat(words(1, 2), q, words(1), minusTwo, q)
}

// blake2Input is twelve rounds over a message (EIP-152).
func blake2Input() []byte {
	input := make([]byte, 213)
	input[3] = 12
	for i := 4; i < 196; i++ {
		input[i] = byte(i)
	}
	input[212] = 1
	return input
}

// fieldElement is a number of the base field of BLS12-381 (EIP-2537).
func fieldElement(number byte) []byte { return append(make([]byte, 63), number) }

// g1 and g2 are points of the two groups of BLS12-381, made by the precompiled
// contracts that map numbers to points.
func g1(number byte) []byte { return run(0x10, fieldElement(number)) }

func g2(number byte) []byte {
	return run(0x11, slices.Concat(fieldElement(number), fieldElement(number+1)))
}

func run(number byte, input []byte) []byte {
	return must(vm.PrecompiledContractsPrague[precompiled(number)].Run(input))
}

// p256Input is a signature by secp256r1 (EIP-7951): hash, r, s and public key.
func p256Input() []byte {
	key := must(ecdsa.ParseRawPrivateKey(elliptic.P256(), crypto.Keccak256([]byte("a key of secp256r1"))))
	hash := sha256.Sum256([]byte("a message"))
	// Without randomness it is the deterministic signature of RFC 6979.
	signed := must(key.Sign(nil, hash[:], hashes.SHA256))
	var signature struct{ R, S *big.Int }
	must(asn1.Unmarshal(signed, &signature))
	public := must(key.PublicKey.Bytes())
	return bytes.Join([][]byte{
		hash[:], common.BigToHash(signature.R).Bytes(), common.BigToHash(signature.S).Bytes(),
		public[1:], // after the byte that says it is uncompressed
	}, nil)
}
