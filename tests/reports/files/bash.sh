#!/bin/bash
# shellcheck shell=bash
count=0
while read -r _; do count=$((count + 1)); done < <(printf 'a\nb\n')
[ "$count" = 2 ]
