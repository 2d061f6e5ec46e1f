package sample

import "fmt"

func (s *Server) Handle(w Writer, a, b int, rest ...string) error {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(r)
		}
	}()
outer:
	for i := 0; i < a; i++ {
		switch {
		case i == b && a > 0 || b > 1:
			continue outer
		case i > 9:
			return nil
		default:
			if a > b {
				goto done
			} else if a < b {
				break
			} else {
				a++
			}
		}
	}
done:
	return fact(a)
}

func fact(n int) int {
	if n < 2 {
		return 1
	}
	return n * fact(n-1)
}

func declared(x int) int
