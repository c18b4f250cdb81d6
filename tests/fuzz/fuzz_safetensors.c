/* A safetensors file: its header, and every tensor in the machine's byte order. */
#include "file/golden_folder.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    thor_tensor_list list = { .items = NULL };
    thor_error error;
    thor_tensor_list_read(&list, fuzz_file("x.safetensors", data, size), &error);
    thor_tensor_list_free(&list);
    return 0;
}
