using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Activations.Filters.ClassActivation;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Attribution;

/// <summary>
/// Class activation maps of images at any layer with a grid, by any methods at once: one forward pass, and one backward pass for all that
/// need gradients.
/// </summary>
public static class ClassActivationMaps
{
    /// <summary>Every method, the paper's Grad-CAM first; their names are filters too (<see cref="PatchScores"/>).</summary>
    public static IReadOnlyList<ClassActivationMap> Methods { get; } = [.. PatchScores.Names.Select(name => PatchScores.Create(name))
        .OfType<ClassActivationMap>()];

    /// <summary>The method of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message lists those there are.</exception>
    public static ClassActivationMap Get(string name) =>
        Methods.FirstOrDefault(method => method.Name == name) ?? throw FoveaException.BadConfiguration(
        $"There is no class activation map '{name}'. There are: {string.Join(", ", Methods.Select(method => method.Name))}.");

    /// <summary>The signed maps of some images: positive where a position speaks for the class, negative where against it.</summary>
    /// <param name="network">The network; evaluation mode, weights without gradients, for the time of the call.</param>
    /// <param name="layer">A layer with a grid, <c>[N, C, H, W]</c>.</param>
    /// <param name="input">Preprocessed images, <c>[N, 3, height, width]</c>; they stay the caller's.</param>
    /// <param name="classes">The class of each image, or one for all.</param>
    /// <param name="methods">The methods.</param>
    /// <returns>For each method <c>[N, H, W]</c> on the layer's grid, in the current dispose scope.</returns>
    /// <exception cref="FoveaException">No such layer, one without a grid, a class that the network does not have, or values that are not
    /// finite.</exception>
    /// <exception cref="ArgumentException">Neither one class nor one an image.</exception>
    public static IReadOnlyList<Tensor> Compute(
        ImageModel network, string layer, Tensor input, IReadOnlyList<int> classes, params IReadOnlyList<ClassActivationMap> methods)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(methods);
        if (classes.Count != 1 && classes.Count != input.shape[0])
            throw new ArgumentException($"{classes.Count} classes for {input.shape[0]} images.", nameof(classes));
        foreach (int one in classes)
        {
            if ((uint)one >= (uint)network.Outputs)
                throw FoveaException.BadConfiguration($"{network.Architecture} has {network.Outputs} classes; there is no class {one}.");
        }
        using var frozen = new FrozenNetwork(network);
        using var pass = new EvidencePass(network, [layer], [.. methods.Select(method => method.Needs)], once: true);
        using var scope = NewDisposeScope();
        var (evidence, _) = pass.Run(input, logits => tensor([.. classes], int64, device: logits.device).expand(logits.shape[0]));
        Tensor[] maps = [.. Maps(network, evidence[0], layer, methods)];
        scope.MoveToOuter(maps);
        return maps;
    }

    /// <summary>The signed maps of one batch.</summary>
    internal static IEnumerable<Tensor> Maps(
        ImageModel network, LayerEvidence evidence, string layer, IReadOnlyList<ClassActivationMap> methods)
    {
        LayerChoice.RequireGrid(network, layer, evidence.Activations, evidence.Activations.shape[0]);
        if (evidence.Activations.shape[2] * evidence.Activations.shape[3] == 1)
            throw FoveaException.BadConfiguration($"Layer {layer} has one position, of which no map can be made. Take an earlier layer.");
        if (!evidence.Activations.isfinite().all().item<bool>())
            throw FoveaException.NumericalFailure(
                $"Layer {layer} gave NaN or infinity: the weights do not fit this network, or the input is not normalised as they expect.");
        return methods.Select(method => method.Map(evidence));
    }
}
