// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"strconv"
	"strings"
)

func main() {
	var text strings.Builder
	for i := 0; i < 1000000; i++ {
		text.WriteString("line ")
		text.WriteString(strconv.Itoa(i))
		text.WriteByte('\n')
	}
	all, lines := text.String(), 0
	for i := 0; i < len(all); i++ {
		if all[i] == '\n' {
			lines++
		}
	}
	fmt.Println(len(all), lines)
}
