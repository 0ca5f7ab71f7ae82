using static TorchSharp.torch;

namespace Fovea.Models.Edits;

/// <summary>What becomes of the values of some units: activations of neurons, codes of latents, coefficients of a direction.</summary>
public abstract record UnitOperation
{
    private UnitOperation()
    {
    }

    /// <summary>They become 0.</summary>
    public static UnitOperation Zero { get; } = new Zeroing();

    /// <summary>
    /// They become what they are on another image, drawn by seed, at the same position (resample ablation, Chan et al. 2022).
    /// </summary>
    public static UnitOperation Resample { get; } = new Resampling();

    /// <summary>They become fixed values, e.g. their means over training images (mean ablation).</summary>
    /// <param name="means">One a unit.</param>
    public static UnitOperation Mean(params IReadOnlyList<float> means) => new Replacing(means);

    /// <summary>They become one fixed value.</summary>
    public static UnitOperation Set(double value) => new Setting(Finite(value));

    /// <summary>They are multiplied: 0 is <see cref="Zero"/>, 1 leaves them as they are, more steers towards them.</summary>
    public static UnitOperation Scale(double factor) => new Scaling(Finite(factor));

    /// <summary>A number is added to them.</summary>
    public static UnitOperation Add(double amount) => new Adding(Finite(amount));

    /// <summary>In words, for captions: <c>to 0</c>, <c>× 2</c>.</summary>
    public abstract string Caption { get; }

    /// <summary>The new values.</summary>
    /// <param name="values"><c>[rows, units]</c>; not changed.</param>
    /// <param name="others">The same on another image; null where the operation does not ask for them.</param>
    /// <returns>A tensor of that shape; it may be one of the arguments.</returns>
    /// <exception cref="FoveaException">There is not one mean a unit.</exception>
    internal abstract Tensor Apply(Tensor values, Tensor? others);

    private static double Finite(double value) =>
        double.IsFinite(value) ? value : throw FoveaException.BadConfiguration($"An intervention cannot use {value}.");

    internal sealed record Zeroing : UnitOperation
    {
        public override string Caption => "to 0";

        internal override Tensor Apply(Tensor values, Tensor? others) => zeros_like(values);
    }

    internal sealed record Resampling : UnitOperation
    {
        public override string Caption => "to another image's";

        internal override Tensor Apply(Tensor values, Tensor? others) =>
            others ?? throw FoveaException.BadConfiguration("Resampling needs the values on other images, and none were given.");
    }

    internal sealed record Replacing(IReadOnlyList<float> Means) : UnitOperation
    {
        public override string Caption => "to the mean";

        internal override Tensor Apply(Tensor values, Tensor? others)
        {
            if (Means.Count != values.shape[1])
                throw FoveaException.BadConfiguration($"{Means.Count} means were given for {values.shape[1]} units.");
            return tensor([.. Means], [1, Means.Count], device: values.device).to(values.dtype).expand(values.shape);
        }
    }

    internal sealed record Setting(double Value) : UnitOperation
    {
        public override string Caption => FormattableString.Invariant($"to {Value:G6}");

        internal override Tensor Apply(Tensor values, Tensor? others) => full_like(values, Value);
    }

    internal sealed record Scaling(double Factor) : UnitOperation
    {
        public override string Caption => FormattableString.Invariant($"× {Factor:G6}");

        internal override Tensor Apply(Tensor values, Tensor? others) => Factor == 1 ? values : values * Factor;
    }

    internal sealed record Adding(double Amount) : UnitOperation
    {
        public override string Caption => FormattableString.Invariant($"+ {Amount:G6}");

        internal override Tensor Apply(Tensor values, Tensor? others) => values + Amount;
    }
}
