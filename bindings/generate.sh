#!/bin/sh
# Regenerates the bindings from the installed headers: ./generate.sh
#
# Needs jextract on the PATH and the headers cuda.h, cublasLt.h and nvrtc.h. They are looked for in
# the folders of CUDA_INCLUDE (separated by colons), then in $CUDA_HOME/include, then in
# /usr/local/cuda/include. The CUDA toolkit has all three; NVIDIA's Python wheels nvidia-cublas and
# nvidia-cuda-nvrtc have the last two, which still need the toolkit's other headers.
# The committed files were made from the headers of CUDA 13.0.
#
# What is bound stands in includes/NAME.txt; a name the header lacks is reported, and nothing changes.
set -eu
cd "$(dirname "$0")"

folders=${CUDA_INCLUDE:+$CUDA_INCLUDE:}${CUDA_HOME:+$CUDA_HOME/include:}/usr/local/cuda/include
missing=

command -v jextract >/dev/null || missing="jextract on the PATH (https://jdk.java.net/jextract)"

# The path of header $1.
header() {
  IFS=:
  for folder in $folders; do
    if [ -f "$folder/$1" ]; then
      unset IFS
      echo "$folder/$1"
      return
    fi
  done
  unset IFS
}

for name in cuda cublasLt nvrtc; do
  if [ -z "$(header $name.h)" ]; then
    missing="${missing:+$missing, }$name.h in $folders"
  fi
done
if [ -n "$missing" ]; then
  echo "generate.sh: missing: $missing" >&2
  exit 1
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# Binds header $1.h as the class $2 in dev.tenzing.bindings.$3.
bind() {
  # One -I for each folder, in order.
  list=includes/$1.txt
  log=$made/$1.log
  class=$2
  package=$3
  source=$(header "$1.h")
  IFS=:
  set --
  for folder in $folders; do
    set -- "$@" -I "$folder"
  done
  unset IFS
  jextract "$@" --target-package "dev.tenzing.bindings.$package" --header-class-name "$class" \
      --output "$made/java" "@$list" "$source" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

  # jextract passes over a name that it does not find.
  for symbol in $(sed -n 's/^--include-[a-z]* //p' "$list"); do
    if ! grep -qrw -- "$symbol" "$made/java/dev/tenzing/bindings/$package"; then
      echo "generate.sh: $symbol of $list is not in $source" >&2
      exit 1
    fi
  done
}

bind cuda Cuda cuda
bind cublasLt CublasLt cublaslt
bind nvrtc Nvrtc nvrtc

for package in cuda cublaslt nvrtc; do
  target=src/main/java/dev/tenzing/bindings/$package
  mkdir -p "$target"
  find "$target" -name '*.java' ! -name package-info.java -exec rm {} +
  cp "$made/java/dev/tenzing/bindings/$package"/*.java "$target"
done
echo "generated $(find src/main/java -name '*.java' ! -name package-info.java | wc -l) files"
