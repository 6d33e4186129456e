#!/bin/sh
# Regenerates the bindings from the installed headers: ./generate.sh
#
# Needs jextract on the PATH and the headers cuda.h, cublasLt.h, nvrtc.h, nccl.h and mpi.h. They are
# looked for in the folders of HEADER_PATH (separated by colons), then in $CUDA_HOME/include,
# /usr/local/cuda/include, Debian's folder of Open MPI and /usr/include. The CUDA toolkit has the
# first three; NVIDIA's Python wheels nvidia-cublas, nvidia-cuda-nvrtc and nvidia-nccl-cu13 have
# cublasLt.h, nvrtc.h and nccl.h, which still need the toolkit's other headers; Debian's
# libopenmpi-dev has mpi.h. README.md says which versions gave the committed files.
#
# What is bound stands in includes/NAME.txt; a name the header lacks is reported, and nothing changes.
set -eu
cd "$(dirname "$0")"

folders=${HEADER_PATH:+$HEADER_PATH:}${CUDA_HOME:+$CUDA_HOME/include:}/usr/local/cuda/include
folders=$folders:/usr/lib/$(uname -m)-linux-gnu/openmpi/include
# Without -I, since it is the compiler's own.
everywhere=$folders:/usr/include
# Each header, its class and its package.
bound='cuda:Cuda:cuda cublasLt:CublasLt:cublaslt nvrtc:Nvrtc:nvrtc nccl:Nccl:nccl mpi:Mpi:mpi'
missing=

command -v jextract >/dev/null || missing="jextract on the PATH (README.md says where from)"

# The path of header $1.
header() {
  IFS=:
  for folder in $everywhere; do
    if [ -f "$folder/$1" ]; then
      unset IFS
      echo "$folder/$1"
      return
    fi
  done
  unset IFS
}

lacking=
for entry in $bound; do
  name=${entry%%:*}.h
  if [ -z "$(header "$name")" ]; then
    lacking="${lacking:+$lacking, }$name"
  fi
done
if [ -n "$lacking" ]; then
  missing="${missing:+$missing; }$lacking in the folders $everywhere (set HEADER_PATH)"
fi
if [ -n "$missing" ]; then
  echo "generate.sh: missing: $missing" >&2
  exit 1
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# Binds header $1.h as the class $2 in dev.tenzing.bindings.$3.
bind() {
  list=includes/$1.txt
  log=$made/$1.log
  class=$2
  package=$3
  source=$(header "$1.h")
  # One -I for each folder, in order.
  IFS=:
  set --
  for folder in $folders; do
    if [ -n "$folder" ]; then # a colon too many
      set -- "$@" -I "$folder"
    fi
  done
  unset IFS
  jextract "$@" --target-package "dev.tenzing.bindings.$package" --header-class-name "$class" \
      --output "$made/java" "@$list" "$source" >"$log" 2>&1 || {
    cat "$log" >&2
    echo "generate.sh: jextract does not read $source" >&2
    exit 1
  }

  # jextract passes over a name that it does not find.
  for symbol in $(sed -n 's/^--include-[a-z]* //p' "$list"); do
    if ! grep -qrw -- "$symbol" "$made/java/dev/tenzing/bindings/$package"; then
      echo "generate.sh: $symbol of $list is not in $source" >&2
      exit 1
    fi
  done
}

for entry in $bound; do
  IFS=:
  set -- $entry
  unset IFS
  bind "$1" "$2" "$3"
done

for entry in $bound; do
  package=${entry##*:}
  target=src/main/java/dev/tenzing/bindings/$package
  mkdir -p "$target"
  find "$target" -name '*.java' ! -name package-info.java -exec rm {} +
  cp "$made/java/dev/tenzing/bindings/$package"/*.java "$target"
done
echo "generated $(find src/main/java -name '*.java' ! -name package-info.java | wc -l) files"
