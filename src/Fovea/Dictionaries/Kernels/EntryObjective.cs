using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// A training objective whose gradient lives on the active entries of dense codes, as <see cref="TensorStep"/> needs it:
/// <code>
/// L = E‖x − x̂‖² + Price · E Σ_i f_i + Σ_j w_j E‖x − x̂_j‖²          x̂_j = f_j W_dec + b_dec
/// </code>
/// Each code of f and of every f_j is z where it is not zero, so that ∂f/∂z is 1 there and 0 elsewhere, and is not below 0.
/// </summary>
/// <param name="Codes">f, <c>[rows, n]</c>.</param>
/// <param name="Price">The penalty's coefficient at full strength.</param>
internal sealed record EntryObjective(Tensor Codes, double Price = 0)
{
    /// <summary>Further reconstructions: f_j, <c>[rows, m]</c> for the first m latents, and w_j.</summary>
    public IReadOnlyList<(Tensor Codes, double Weight)> Others { get; init; } = [];
}
