namespace Fovea.Interventions.Circuits;

/// <summary>What a circuit explains: one number of each image.</summary>
public sealed record CircuitTarget
{
    private CircuitTarget()
    {
    }

    /// <summary>The class whose logit it is; null for a unit.</summary>
    public int? Class { get; private init; }

    /// <summary>The class whose logit is subtracted; null: none is.</summary>
    public int? Versus { get; private init; }

    /// <summary>The unit of the later layer; null for a class.</summary>
    public int? Unit { get; private init; }

    /// <summary>A class's logit, or its difference to another's.</summary>
    /// <param name="output">The class.</param>
    /// <param name="versus">The other; null: the logit alone.</param>
    /// <exception cref="FoveaException">Configuration: both are one class.</exception>
    public static CircuitTarget OfClass(int output, int? versus = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        if (versus == output)
            throw FoveaException.BadConfiguration("The difference of a class's logit to itself is 0: name another class.");
        return new CircuitTarget { Class = output, Versus = versus };
    }

    /// <summary>The mean value of a unit of the later layer over its positions.</summary>
    /// <param name="unit">The channel or latent.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public static CircuitTarget OfUnit(int unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unit);
        return new CircuitTarget { Unit = unit };
    }
}
