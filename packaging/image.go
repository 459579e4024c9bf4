package main

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// nobody is whom the program runs as: a number, because the image holds no list of users.
const (
	nobody   = 65532
	nobodyID = "65532:65532"
)

// image writes an image that holds the program and an empty data folder, as a tar that podman and docker load. The
// same input gives the same digest.
func image(root, out, version, arch string) (file, digest string, err error) {
	program, err := os.ReadFile(binary(root, arch))
	if err != nil {
		return "", "", err
	}
	raw, err := layer(program)
	if err != nil {
		return "", "", err
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil })
	if err != nil {
		return "", "", err
	}
	img, err := mutate.AppendLayers(empty.Image, l)
	if err != nil {
		return "", "", err
	}
	img, err = mutate.ConfigFile(img, config(img, version, arch))
	if err != nil {
		return "", "", err
	}
	tag, err := name.NewTag("runes:" + version)
	if err != nil {
		return "", "", err
	}
	file = filepath.Join(out, "runes-"+version+"-"+arch+".oci.tar")
	if err := tarball.WriteToFile(file, tag, img); err != nil {
		return "", "", err
	}
	hash, err := img.Digest()
	return file, hash.String(), err
}

func config(img v1.Image, version, arch string) *v1.ConfigFile {
	base, err := img.ConfigFile()
	if err != nil {
		panic(err) // the image was made two lines above, in memory
	}
	c := base.DeepCopy()
	c.Architecture, c.OS = arch, "linux"
	c.Created = v1.Time{Time: buildTime()}
	c.Config = v1.Config{
		Entrypoint: []string{"/runes"}, Cmd: []string{"serve"}, User: nobodyID, WorkingDir: "/",
		// The key lies on a volume of its own: whoever copies the data must not get it along.
		Env:          []string{"RUNES_DATA=/data", "RUNES_KEY=/key/runes.key"},
		Volumes:      map[string]struct{}{"/data": {}, "/key": {}},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Labels:       map[string]string{"org.opencontainers.image.title": "runes", "org.opencontainers.image.version": version},
	}
	return c
}

// layer is the image's files: the program, certificates' folder and the two volumes.
func layer(program []byte) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "data/", Typeflag: tar.TypeDir, Mode: 0o700, Uid: nobody, Gid: nobody},
		{Name: "key/", Typeflag: tar.TypeDir, Mode: 0o700, Uid: nobody, Gid: nobody},
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: "runes", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(program))},
	} {
		h.ModTime = buildTime()
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write(program); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), w.Close()
}
