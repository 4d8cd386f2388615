"""From a network to machine code: the batched Rodas5P solver written for one model, compiled and cached."""
