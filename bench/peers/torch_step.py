#!/usr/bin/env python3
"""The step of bench_step in PyTorch, and the ratio of the two.

The same model on the same amount of work: pre-norm Transformer with tied embeddings, dense or with experts chosen
top-2 in every N-th layer, dropout on embeddings, residuals, attention and activations, label smoothing, the balance
loss, gradient clipping, Adam; sentences of one length, so that there is no padding; ids that mean nothing. Measured in
pairs, each side in processes of its own, PyTorch first and last, so that a drift of the machine shows:

    torch_step.py [--size small|base] [--experts N] [--every N] [--threads N] [--steps N] [--pairs N]
                  [--sentences N] [--length N] [--dropout P] [--smoothing P] [--bench PATH] [--json]

Exit status 77 where PyTorch is not installed. It is fastest with threads bound to cores and an allocator that keeps
large blocks: set OMP_PROC_BIND, GOMP_CPU_AFFINITY, and LD_PRELOAD to tcmalloc."""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

SIZES = {"small": (256, 1024, 3, 4, 8000), "base": (512, 2048, 6, 8, 32000)}


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--experts", type=int, default=0)
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=1)
    parser.add_argument("--sentences", type=int, default=164)
    parser.add_argument("--length", type=int, default=25)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--bench", default="bench/bench_step", help="the program bench_step")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--torch-alone", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def make_network(o, torch):
    """Layers as classes, made here so that nothing is imported before the threads are set."""
    nn, functional = torch.nn, torch.nn.functional
    width, hidden, layers, heads, vocabulary = SIZES[o.size]

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))

        def forward(self, x, keys, mask):
            def split(y):
                return y.view(y.shape[0], y.shape[1], heads, width // heads).transpose(1, 2)
            q, k, v = split(self.q(x)), split(self.k(keys)), split(self.v(keys))
            scores = (q * (width // heads) ** -0.5) @ k.transpose(2, 3)
            if mask is not None:
                scores = scores + mask
            probs = functional.dropout(torch.softmax(scores, -1), o.dropout)
            return self.o((probs @ v).transpose(1, 2).reshape(x.shape[0], x.shape[1], width))

    class FeedForward(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

        def forward(self, x):
            return self.fc2(functional.dropout(torch.relu(self.fc1(x)), o.dropout))

    class Mixture(nn.Module):
        balance = 0.0

        def __init__(self):
            super().__init__()
            self.router = nn.Linear(width, o.experts, bias=False)
            self.experts = nn.ModuleList(FeedForward() for _ in range(o.experts))

        def forward(self, x):
            rows = x.reshape(-1, width)
            probs = torch.softmax(self.router(rows), -1)
            gates, chosen = probs.topk(2, -1)
            gates = gates / gates.sum(-1, keepdim=True)
            share = torch.bincount(chosen.flatten(), minlength=o.experts) / rows.shape[0]
            self.balance = o.experts * (share * probs.mean(0)).sum()
            sums = torch.zeros_like(rows)
            for e, expert in enumerate(self.experts):
                row, place = (chosen == e).nonzero(as_tuple=True)
                if row.numel() > 0:
                    y = functional.dropout(expert(rows.index_select(0, row)), o.dropout)
                    sums.index_add_(0, row, y * gates[row, place].unsqueeze(1))
            return sums.view_as(x)

    class Layer(nn.Module):
        def __init__(self, number, decoder):
            super().__init__()
            self.is_mixture = o.experts > 0 and number % o.every == o.every - 1
            self.attention, self.cross = Attention(), Attention() if decoder else None
            self.ffn = Mixture() if self.is_mixture else FeedForward()
            self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if decoder else 2))

        def forward(self, x, keys=None, mask=None):
            y = self.norms[0](x)
            x = x + functional.dropout(self.attention(y, y, mask), o.dropout)
            if self.cross is not None:
                x = x + functional.dropout(self.cross(self.norms[1](x), keys, None), o.dropout)
            y = self.ffn(self.norms[-1](x))
            return x + (y if self.is_mixture else functional.dropout(y, o.dropout))

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(vocabulary, width)
            nn.init.normal_(self.embedding.weight, std=width ** -0.5)
            self.encoder = nn.ModuleList(Layer(i, False) for i in range(layers))
            self.decoder = nn.ModuleList(Layer(i, True) for i in range(layers))
            self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
            angle = torch.arange(o.length)[:, None] / 10000 ** (torch.arange(width // 2) / (width // 2 - 1))
            self.register_buffer("positions", torch.cat([angle.sin(), angle.cos()], -1))
            self.register_buffer("mask", torch.full((o.length, o.length), float("-inf")).triu(1))

        def embed(self, ids):
            return functional.dropout(self.embedding(ids) * width ** 0.5 + self.positions, o.dropout)

        def forward(self, source, target):
            x, y = self.embed(source), self.embed(target)
            for layer in self.encoder:
                x = layer(x)
            x = self.norms[0](x)
            for layer in self.decoder:
                y = layer(y, x, self.mask)
            return functional.linear(self.norms[1](y), self.embedding.weight)

    return Network()


def torch_steps(o):
    import torch
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    network, vocabulary = make_network(o, torch), SIZES[o.size][4]
    adam = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.9, 0.98))
    ids = torch.randint(4, vocabulary, (3, o.sentences, o.length))
    times = []
    for _ in range(o.steps + 1):
        start = time.perf_counter()
        logits = network(ids[0], ids[1])
        loss = torch.nn.functional.cross_entropy(logits.view(-1, vocabulary), ids[2].reshape(-1),
                                                 label_smoothing=o.smoothing)
        for layer in [*network.encoder, *network.decoder]:
            if layer.is_mixture:
                loss = loss + 0.05 * layer.ffn.balance
        del logits
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad(set_to_none=True)
        times.append(time.perf_counter() - start)
    return {"tokens_per_second": o.sentences * o.length / statistics.median(times[1:]),
            "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "parameters": sum(p.numel() for p in network.parameters()), "version": torch.__version__}


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"torch_step.py: {command[0]} ended with status {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def bench_command(o):
    names = ("size", "experts", "every", "threads", "steps", "sentences", "length", "dropout", "smoothing")
    return [o.bench, "--json"] + [part for name in names for part in (f"--{name}", str(getattr(o, name)))]


def beyond(result):
    return (result["memory_bytes"] - 16 * result["parameters"]) / 2 ** 30


def main():
    o = options()
    if o.torch_alone:
        print(json.dumps(torch_steps(o)))
        return
    try:
        import torch  # noqa: F401
    except ImportError:
        print("PyTorch is not installed: nothing to compare with")
        sys.exit(77)
    if not os.access(o.bench, os.X_OK):
        sys.exit(f"torch_step.py: there is no program {o.bench}; build it with 'make bench/bench_step', or name it "
                 "with --bench")
    torch_command = [sys.executable, os.path.abspath(__file__), *sys.argv[1:], "--torch-alone"]
    torch, thor = [run(torch_command)], []
    for _ in range(o.pairs):
        thor.append(run(bench_command(o)))
        torch.append(run(torch_command))
    speed = [statistics.median(r["tokens_per_second"] for r in side) for side in (thor, torch)]
    summary = {"bench": "peers", "model": thor[0]["model"], "threads": o.threads, "torch": torch[0]["version"],
               "thor_tokens_per_second": round(speed[0], 1), "torch_tokens_per_second": round(speed[1], 1),
               "ratio": round(speed[0] / speed[1], 3), "thor_beyond_gib": round(beyond(thor[0]), 3),
               "torch_beyond_gib": round(beyond(torch[0]), 3),
               "share_of_peak": round(thor[0]["gflops"] / max(thor[0]["peak_gflops"], thor[0]["peak_gflops_after"]), 3)}
    if o.json:
        print(json.dumps(summary))
        return
    print(f"{summary['model']}, threads {o.threads}: thor {speed[0]:.0f} tokens/s, PyTorch {torch[0]['version']} "
          f"{speed[1]:.0f} (from {min(r['tokens_per_second'] for r in torch):.0f} to "
          f"{max(r['tokens_per_second'] for r in torch):.0f}), ratio {speed[0] / speed[1]:.2f}")
    print(f"memory beyond 16 bytes a parameter: thor {beyond(thor[0]):.2f} GiB, PyTorch {beyond(torch[0]):.2f} GiB; "
          f"thor at {100 * summary['share_of_peak']:.0f} % of the peak")


if __name__ == "__main__":
    main()
