package app

import (
	"image/color"

	"runes.im/platform/picture"
)

// The shapes that the drawn people of the demo share.
const (
	shoulders = "M 8 100 C 11 79 30 73 50 73 C 70 73 89 79 92 100 Z"
	neck      = "M 42 58 L 58 58 L 58 73 C 58 81 42 81 42 73 Z"
	shade     = "M 42 61 C 46 67 54 67 58 61 L 58 66 C 54 72 46 72 42 66 Z"
	face      = "M 50 26 C 60 26 65.5 34 65.5 44 C 65.5 55 59 63 50 63 C 41 63 34.5 55 34.5 44 C 34.5 34 40 26 50 26 Z"
	ears      = "M 35 42 C 31 41 31 50 35.5 51 Z M 65 42 C 69 41 69 50 64.5 51 Z"
	eyes      = "M 43 44 C 45 44 45 47.5 43 47.5 C 41 47.5 41 44 43 44 Z M 57 44 C 59 44 59 47.5 57 47.5 C 55 47.5 55 44 57 44 Z"
	smile     = "M 45 54 C 47.5 58.5 52.5 58.5 55 54 C 52 56.2 48 56.2 45 54 Z"
)

// patch is a shape in a colour as designers write it.
func patch(c uint32, path string) picture.Patch {
	return picture.Patch{Fill: color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255}, Path: path}
}

// demoPortraits are how some people of the demo look, in the order of demoPeople. The others keep their initials.
var demoPortraits = [][]picture.Patch{
	portraitOf(0xe8c9b0, 0xcfa98c, 0xb98a4a, 0x5b4bb5, 0xd9d4f5,
		"M 29 46 C 26 17 74 17 71 46 C 72 60 77 72 70 77 C 60 82 40 82 30 77 C 23 72 28 60 29 46 Z",
		"M 33.5 43 C 32 24 44 19 54 21 C 64 22 68 32 66.5 43 C 64 39 60 35 57 31 C 51 38 42 41 33.5 43 Z"),
	portraitOf(0xc69472, 0xa97655, 0x2b211d, 0x0f6e63, 0xcfe9e2,
		"M 33.5 47 C 29 17 71 17 66.5 47 Z",
		"M 33 43 C 30 24 42 17 53 18.5 C 65 19 70 31 67 43 C 65.5 39 64.5 35 62 32 C 54 34.5 45 33.5 39 31.5 C 36 34 34.5 39 33 43 Z",
		"M 34.5 46 C 35 61 42 67 50 67 C 58 67 65 61 65.5 46 C 64 52 61 53 57 51.5 C 53 50.5 47 50.5 43 51.5 C 39 53 36 52 34.5 46 Z"),
	portraitOf(0xf0d3c0, 0xd9b29b, 0x4a2c22, 0xb4532a, 0xf7ddcf,
		"M 50 13 C 61 13 61 30 50 30 C 39 30 39 13 50 13 Z M 31 50 C 27 20 73 20 69 50 C 70 56 66 60 64 58 L 36 58 C 34 60 30 56 31 50 Z",
		"M 33 45 C 30 18 70 18 67 45 C 64 37 57 31 49 30 C 43 33 36 38 33 45 Z"),
}

// portraitOf draws somebody from the back to the front; hair may lie behind the head and before it.
func portraitOf(skin, shadow, hair, shirt, wall uint32, behind string, before ...string) []picture.Patch {
	all := []picture.Patch{
		patch(wall, "M 0 0 L 100 0 L 100 100 L 0 100 Z"), patch(hair, behind), patch(shirt, shoulders), patch(skin, neck),
		patch(shadow, shade), patch(skin, ears), patch(skin, face),
	}
	for _, path := range before {
		all = append(all, patch(hair, path))
	}
	return append(all, patch(0x2d2523, eyes), patch(0x8f3f3a, smile))
}
