// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"sort"
)

func quicksort(list []int64, from, to int) {
	low, high, pivot := from, to, list[(from+to)/2]
	for low <= high {
		for list[low] < pivot {
			low++
		}
		for list[high] > pivot {
			high--
		}
		if low <= high {
			list[low], list[high] = list[high], list[low]
			low++
			high--
		}
	}
	if from < high {
		quicksort(list, from, high)
	}
	if low < to {
		quicksort(list, low, to)
	}
}

func main() {
	list := make([]int64, 0)
	seed := int64(42)
	for i := 0; i < 2000000; i++ {
		seed = (seed*1103515245 + 12345) % 2147483648
		list = append(list, seed)
	}
	other := append([]int64(nil), list...)
	quicksort(list, 0, len(list)-1)
	sort.Slice(other, func(i, j int) bool { return other[i] < other[j] })
	same := true
	for i := range list {
		same = same && list[i] == other[i]
	}
	fmt.Println(list[1000000], same)
}
