package storage

import "strings"

// rights is what a person may do with one node. The letters are those sync clients read (oc:permissions).
type rights uint16

const (
	isShared     rights = 1 << iota // S: somebody else's, shown to this person
	mayReshare                      // R
	isMounted                       // M: a tree of its own
	mayRead                         // G
	mayDelete                       // D
	mayRename                       // N
	mayMove                         // V
	mayWrite                        // W: replace the content of a file
	mayAddFile                      // C: into a folder
	mayAddFolder                    // K: into a folder
)

// letters in the order clients know; one bit of rights each.
const letters = "SRMGDNVWCK"

const (
	allInside  = mayReshare | mayRead | mayDelete | mayRename | mayMove | mayWrite | mayAddFile | mayAddFolder
	ownTop     = mayRead | mayDelete | mayRename | mayMove | mayAddFile | mayAddFolder
	fileOnly   = mayWrite
	folderOnly = mayAddFile | mayAddFolder
	// fixed are the rights that the top of a mounted tree never gives: it stays where it is.
	fixed = mayReshare | mayDelete | mayRename | mayMove
)

func rightsOf(text string) rights {
	var r rights
	for i := range letters {
		if strings.IndexByte(text, letters[i]) >= 0 {
			r |= 1 << i
		}
	}
	return r
}

// String is the letters in the order clients know.
func (r rights) String() string {
	var b [len(letters)]byte
	n := 0
	for i := range letters {
		if r&(1<<i) != 0 {
			b[n] = letters[i]
			n++
		}
	}
	return string(b[:n])
}

func (r rights) can(want rights) bool { return r&want == want }

// of narrows the rights inside a folder to those that make sense for a file or a folder.
func (r rights) of(folder bool) rights {
	if folder {
		return r &^ fileOnly
	}
	return r &^ folderOnly
}
