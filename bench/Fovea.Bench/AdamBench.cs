using Fovea.Models;
using Fovea.Numerics;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>One Adam step over ResNet18's parameters: our single pass against TorchSharp's optimiser.</summary>
internal static class AdamBench
{
    public static void Run()
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create("resnet18", 1000, GradientFlow.Standard);
        network.Initialise(1);
        foreach (var parameter in network.Parameters.Values) parameter.grad = randn_like(parameter) * 1e-3;
        using var ours = new Adam(network.Parameters.Select(p => (p.Key, p.Value)), new AdamOptions());
        TorchSharp.Modules.Parameter[] copies = [.. network.Parameters.Values.Select(p => new TorchSharp.Modules.Parameter(p.clone()))];
        foreach (var copy in copies) copy.grad = randn_like(copy) * 1e-3;
        using var theirs = optim.Adam(copies, 1e-9);
        double parameters = network.Parameters.Values.Sum(p => p.numel());
        Bandwidth();
        Pairs.Compare(
            "Adam, one pass", "TorchSharp optim.Adam", () => ours.Step(1e-9), () => theirs.step(), 11, parameters / 1e6, "M parameters",
                "below 1");
    }

    /// <summary>
    /// The update of an autoencoder's two matrices (d = 512, n = 4096), gradients in the cache as they are in a step, beside its limit:
    /// reading and writing the same three arrays with one multiplication each. Near 1, nothing but fewer bytes would make it faster.
    /// </summary>
    private static unsafe void Bandwidth()
    {
        const int Chunk = 8192, Length = 2 * 512 * 4096;
        using NativeBuffer<float> parameter = new(Length), mean = new(Length), square = new(Length), gradient = new(Chunk);
        var factors = AdamKernel.Factors.At(new AdamOptions(), 1e-3, 5);
        gradient.Span.Fill(1e-3f);
        Pairs.Compare("Adam of 4.2 M parameters in a step", "reading and writing them and their moments",
            () => Workers.For(Length / Chunk, (chunk, _) =>
            {
                long at = (long)chunk * Chunk;
                AdamKernel.Update(parameter.Pointer + at, gradient.Pointer, mean.Pointer + at, square.Pointer + at, Chunk, factors);
            }),
            () => Workers.For(Length / Chunk, (chunk, _) =>
            {
                long at = (long)chunk * Chunk;
                foreach (var buffer in (NativeBuffer<float>[])[parameter, mean, square])
                    VectorMath.Scale(buffer.Pointer + at, 0.999f, Chunk);
            }),
            41, Length * 24e-9, "GB", "1");
    }
}
