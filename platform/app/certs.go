package app

import (
	"context"
	"strings"

	"runes.im/platform/cert"
)

// CertArgs bring the certificate of a host, both parts as PEM text.
type CertArgs struct{ Host, Chain, Key string }

// HostNameArgs name a host.
type HostNameArgs struct{ Host string }

func listCerts(ctx context.Context, a *App, _ struct{}) (any, error) {
	all := a.Certs.List(ctx)
	for n := range all {
		if p := &all[n].Problem; strings.HasPrefix(*p, "cert.") {
			*p = a.Words.Text("en", *p)
		}
	}
	return all, nil
}

func setCert(ctx context.Context, a *App, args CertArgs) (any, error) {
	return a.Certs.Set(ctx, args.Host, args.Chain, args.Key)
}

func removeCert(ctx context.Context, a *App, args HostNameArgs) (any, error) {
	if err := a.Certs.Remove(ctx, args.Host); err != nil {
		return nil, err
	}
	return a.Certs.Info(ctx, args.Host), nil
}

// CertInfo is the certificate of a host as the command line shows it.
type CertInfo = cert.Info
