package vat

import "strings"

// sum weighs the digits of id, one weight each.
func sum(id string, weights ...int) int {
	total := 0
	for n, w := range weights {
		total += int(id[n]-'0') * w
	}
	return total
}

// last is the last digit.
func last(id string) int { return int(id[len(id)-1] - '0') }

func number(id string) int {
	n := 0
	for _, c := range id {
		n = n*10 + int(c-'0')
	}
	return n
}

// luhn is the sum that credit cards use, too.
func luhn(id string) bool {
	total := 0
	for n := range len(id) {
		digit := int(id[len(id)-1-n] - '0')
		if n%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		total += digit
	}
	return total%10 == 0
}

// product11 is ISO 7064, MOD 11,10.
func product11(id string) bool {
	p := 10
	for _, c := range id[:len(id)-1] {
		s := (int(c-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return (11-p)%10 == last(id)
}

func germany(id string) bool { return product11(id) }
func croatia(id string) bool { return product11(id) }
func belgium(id string) bool { return 97-number(id[:8])%97 == number(id[8:]) }
func sweden(id string) bool  { return luhn(id[:10]) }
func denmark(id string) bool { return sum(id, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 }
func hungary(id string) bool { return sum(id, 9, 7, 3, 1, 9, 7, 3, 1)%10 == 0 }
func estonia(id string) bool { return sum(id, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 }
func malta(id string) bool   { return sum(id, 3, 4, 6, 7, 8, 9, 10, 1)%37 == 0 }
func finland(id string) bool { return sum(id, 7, 9, 10, 5, 8, 4, 2, 1)%11 == 0 }
func norway(id string) bool {
	return sum(strings.TrimSuffix(id, "MVA"), 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}
func poland(id string) bool     { return sum(id, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == last(id) }
func slovakia(id string) bool   { return number(id)%11 == 0 }
func luxembourg(id string) bool { return number(id[:6])%89 == number(id[6:]) }

func austria(id string) bool {
	total := 4
	for n, c := range id[1:8] {
		digit := int(c - '0')
		if n%2 == 1 {
			digit = digit*2/10 + digit*2%10
		}
		total += digit
	}
	return (10-total%10)%10 == last(id)
}

func switzerland(id string) bool {
	rest := (11 - sum(id, 5, 4, 3, 2, 7, 6, 5, 4)%11) % 11
	return rest == int(id[8]-'0')
}

func greece(id string) bool {
	return sum(id, 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == last(id)
}

// france checks the key of two digits; one with letters is made in another way.
func france(id string) bool {
	if strings.ContainsFunc(id[:2], func(r rune) bool { return r > '9' }) {
		return luhn(id[2:])
	}
	return number(id[2:]+"12")%97 == number(id[:2])
}

// britain has two ways to make the last two digits.
func britain(id string) bool {
	if id[0] > '9' {
		return true // of the state and its hospitals
	}
	rest := (sum(id, 8, 7, 6, 5, 4, 3, 2) + number(id[7:9])) % 97
	return rest == 0 || rest == 42
}

// netherlands has the old sum of legal persons, and the new one over all characters for everybody.
func netherlands(id string) bool {
	if rest := sum(id, 9, 8, 7, 6, 5, 4, 3, 2) % 11; rest < 10 && rest == int(id[8]-'0') {
		return true
	}
	rest := 0
	for _, c := range "NL" + id {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

func portugal(id string) bool {
	rest := 11 - sum(id, 9, 8, 7, 6, 5, 4, 3, 2)%11
	return rest%11%10 == last(id) || rest >= 10 && last(id) == 0
}

func slovenia(id string) bool {
	rest := 11 - sum(id, 8, 7, 6, 5, 4, 3, 2)%11
	return rest < 11 && rest%10 == last(id)
}
