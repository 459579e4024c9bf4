package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"runes.im/platform/fault"
)

// archive is a workbook before any library sees it: only parts that are asked for are opened, and what comes out of
// them is counted, because headers may lie.
type archive struct {
	parts map[string]*zip.File // by name in lower case
	left  int64
}

func openArchive(file *io.SectionReader) (*archive, error) {
	if err := checkDirectory(file); err != nil {
		return nil, damaged(err)
	}
	z, err := zip.NewReader(file, file.Size())
	if err != nil {
		return nil, damaged(err)
	}
	if len(z.File) > maxParts {
		return nil, damaged(fmt.Errorf("%d parts", len(z.File)))
	}
	a := &archive{parts: map[string]*zip.File{}, left: maxOpened}
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if a.parts[name] != nil {
			return nil, damaged(fmt.Errorf("part %s is there twice", name))
		}
		a.parts[name] = f
	}
	return a, nil
}

// checkDirectory looks at the archive's table of contents before memory is spent on it: it ends where it says, and is
// small.
func checkDirectory(file *io.SectionReader) error {
	const endSize, mostComment, mostDirectory = 22, 1 << 16, 1 << 20
	tail := make([]byte, min(file.Size(), endSize+mostComment))
	if _, err := file.ReadAt(tail, file.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endSize {
		return errors.New("no end of the archive")
	}
	end := tail[at:]
	entries, size, begin := binary.LittleEndian.Uint16(end[10:]), binary.LittleEndian.Uint32(end[12:]), binary.LittleEndian.Uint32(end[16:])
	stands := file.Size() - int64(len(tail)) + int64(at)
	if int(entries) > maxParts || size > mostDirectory || int64(begin)+int64(size) != stands {
		return fmt.Errorf("a table of contents of %d bytes with %d parts at %d", size, entries, begin)
	}
	return nil
}

// open is a part's content, counted.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.parts[strings.ToLower(name)]
	if f == nil {
		return nil, damaged(fmt.Errorf("part %s is missing", name))
	}
	r, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return &counted{ReadCloser: r, left: &a.left}, nil
}

type counted struct {
	io.ReadCloser
	left *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if *c.left -= int64(n); *c.left < 0 {
		return n, fault.New(fault.TooLarge, "sheet.opened", "max", "128 MB")
	}
	return n, err
}

// walk reads a part as XML. A token that a callback does not want is skipped.
func (a *archive) walk(name string, each func(x xml.Token, depth int) error) error {
	r, err := a.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := walkXML(r, each); err != nil {
		return damaged(fmt.Errorf("part %s: %w", name, err))
	}
	return nil
}

// maxDepth is how deep elements may stand in one another; workbooks need less than ten.
const maxDepth = 64

// walkXML reads XML to its end: no document type, no encoding but UTF-8, every element closed.
func walkXML(r io.Reader, each func(x xml.Token, depth int) error) error {
	d := xml.NewDecoder(&lexical{r: r})
	var open []string
	began := false
	for {
		x, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 || !began {
				return errors.New("ends too early")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch x := x.(type) {
		case xml.Directive:
			return errors.New("has a document type")
		case xml.StartElement:
			if began && len(open) == 0 {
				return errors.New("has two roots")
			}
			began = true
			if open = append(open, x.Name.Local); len(open) > maxDepth {
				return errors.New("is too deep")
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != x.Name.Local {
				return errors.New("closes what is not open")
			}
			open = open[:len(open)-1]
		}
		if err := each(x, len(open)); err != nil {
			return err
		}
	}
}

// lexical lets bytes through while no tag and no text is so long that a parser would fill memory with it.
type lexical struct {
	r       io.Reader
	inTag   bool
	current int // bytes of the tag or text so far
}

const maxTag, maxRun = 64 << 10, 512 << 10

func (l *lexical) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for _, b := range p[:n] {
		switch l.current++; {
		case b == '<':
			l.inTag, l.current = true, 0
		case b == '>':
			l.inTag, l.current = false, 0
		case l.inTag && l.current > maxTag, l.current > maxRun:
			return 0, errors.New("has a tag or a text without end")
		}
	}
	return n, err
}

func attr(x xml.StartElement, name string) string {
	for _, a := range x.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// related are the targets of a part's relationships, by id, and the first one of each type by the type's last word.
func (a *archive) related(to string) (byID, byType map[string]string, err error) {
	byID, byType = map[string]string{}, map[string]string{}
	folder, file := path.Split(to)
	err = a.walk(folder+"_rels/"+file+".rels", func(x xml.Token, _ int) error {
		s, ok := x.(xml.StartElement)
		if !ok || s.Name.Local != "Relationship" || attr(s, "TargetMode") == "External" {
			return nil
		}
		target := attr(s, "Target")
		if strings.HasPrefix(target, "/") {
			target = strings.TrimPrefix(path.Clean(target), "/")
		} else {
			target = path.Join(folder, target)
		}
		byID[attr(s, "Id")] = target
		if kind := path.Base(attr(s, "Type")); byType[kind] == "" {
			byType[kind] = target
		}
		return nil
	})
	return byID, byType, err
}
