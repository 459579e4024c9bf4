package acmetest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// patience is how long a proof is looked for.
const patience = time.Minute

func lookForFile(address, host, token, proof string) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+address+"/.well-known/acme-challenge/"+token, http.NoBody)
	if err != nil {
		return err
	}
	req.Host = host
	res, err := (&http.Client{Timeout: patience}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1000))
	if err != nil || res.StatusCode != http.StatusOK || strings.TrimSpace(string(text)) != proof {
		return errors.Join(fmt.Errorf("the file is not the proof (%s)", res.Status), err)
	}
	return nil
}

// mark is the extension that a proof by handshake carries, 1.3.6.1.5.5.7.1.31 of RFC 8737.
var mark = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}

func lookAtHandshake(address, host, proof string) error {
	const protocol = "acme-tls/1"
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: host, NextProtos: []string{protocol}, InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	state := conn.ConnectionState()
	leaf := state.PeerCertificates[0]
	sum := sha256.Sum256([]byte(proof))
	want, err := asn1.Marshal(sum[:])
	if err != nil {
		return err
	}
	for _, e := range leaf.Extensions {
		if e.Id.Equal(mark) && e.Critical && bytes.Equal(e.Value, want) && state.NegotiatedProtocol == protocol && slices.Equal(leaf.DNSNames, []string{host}) {
			return nil
		}
	}
	return errors.New("the handshake shows no proof")
}

func random() string { return rand.Text() }

func (s *Server) fresh(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.freshHeld(w)
}

func (s *Server) freshHeld(w http.ResponseWriter) {
	nonce := random()
	s.nonces[nonce] = true
	w.Header().Set("Replay-Nonce", nonce)
}

var errNonce = errors.New("the nonce is not ours")

// signer is the key that signed a request.
type signer struct {
	public crypto.PublicKey
	print  string // its thumbprint, RFC 7638
}

// jwk is a P-256 key as JSON. Its fields stand in the order of the thumbprint.
type jwk struct {
	Curve string `json:"crv"`
	Kind  string `json:"kty"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

func (k *jwk) signer() (signer, error) {
	x, err := base64.RawURLEncoding.DecodeString(k.X)
	if err != nil {
		return signer{}, err
	}
	y, err := base64.RawURLEncoding.DecodeString(k.Y)
	if err != nil || k.Kind != "EC" || k.Curve != "P-256" {
		return signer{}, errors.Join(errors.New("no key of P-256"), err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return signer{}, err
	}
	text, err := json.Marshal(k)
	sum := sha256.Sum256(text)
	return signer{public, base64.RawURLEncoding.EncodeToString(sum[:])}, err
}

// verify reads a signed request (RFC 8555, 6.2): its nonce is ours and new, its address this one, and the key is an account's, or comes
// along where an account is made.
func (s *Server) verify(r *http.Request) (*request, error) {
	var envelope struct{ Protected, Payload, Signature string }
	if err := json.NewDecoder(r.Body).Decode(&envelope); err != nil {
		return nil, err
	}
	var head struct {
		Alg, Nonce, URL, Kid string
		JWK                  *jwk
	}
	raw, err := base64.RawURLEncoding.DecodeString(envelope.Protected)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, err
	}
	if !s.nonces[head.Nonce] {
		return nil, errNonce
	}
	delete(s.nonces, head.Nonce)
	if head.URL != s.web.URL+r.URL.Path || head.Alg != "ES256" || r.Header.Get("Content-Type") != "application/jose+json" {
		return nil, errors.New("signed for something else")
	}
	out := &request{Request: r, account: head.Kid}
	isNew := r.URL.Path == "/account"
	switch known, ok := s.accounts[head.Kid]; {
	case isNew && head.JWK != nil && head.Kid == "":
		if out.key, err = head.JWK.signer(); err != nil {
			return nil, err
		}
	case ok && !isNew && head.JWK == nil:
		out.key = signer{known.key, known.print}
	default:
		return nil, errors.New("no account")
	}
	signature, err := base64.RawURLEncoding.DecodeString(envelope.Signature)
	sum := sha256.Sum256([]byte(envelope.Protected + "." + envelope.Payload))
	if err != nil || len(signature) != 64 || !ecdsa.Verify(out.key.public.(*ecdsa.PublicKey), sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return nil, errors.New("the signature is wrong")
	}
	out.payload, err = base64.RawURLEncoding.DecodeString(envelope.Payload)
	return out, err
}
