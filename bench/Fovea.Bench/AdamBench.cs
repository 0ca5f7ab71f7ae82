using Fovea.Models;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>One Adam step over ResNet18's parameters: our single pass against TorchSharp's optimiser.</summary>
internal static class AdamBench
{
    public static void Run()
    {
        using var scope = NewDisposeScope();
        using var network = Architectures.Create("resnet18", 1000, GradientFlow.Standard);
        network.Initialise(1);
        foreach (var parameter in network.parameters()) parameter.grad = randn_like(parameter) * 1e-3;
        using var ours = new Adam(network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)), new AdamOptions());
        using var theirs = optim.Adam(network.parameters(), 1e-9);
        double parameters = network.parameters().Sum(p => p.numel());
        Pairs.Compare("Adam, one pass", "TorchSharp optim.Adam", () => ours.Step(1e-9), () => theirs.step(), 11, parameters / 1e6, "M parameters", "below 1");
    }
}
