namespace Fovea.Numerics;

/// <summary>Settings of Adam; the defaults are PyTorch's.</summary>
public sealed record AdamOptions
{
    /// <summary>β₁, decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂, decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε, added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ: λ·parameter is added to the gradient (L2, not decoupled).</summary>
    public double WeightDecay { get; init; }

    /// <summary>Throws unless all values can be used.</summary>
    /// <exception cref="FoveaException">One cannot; the message names it.</exception>
    public void Validate()
    {
        if (!(Beta1 >= 0 && Beta1 < 1 && Beta2 >= 0 && Beta2 < 1 && Epsilon > 0 && WeightDecay >= 0))
        {
            throw FoveaException.BadConfiguration(
                $"Adam needs betas from 0 to below 1, a positive epsilon and no negative weight decay: "
                    + $"{Beta1}, {Beta2}, {Epsilon}, {WeightDecay}.");
        }
    }
}
