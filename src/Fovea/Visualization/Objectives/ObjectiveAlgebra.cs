namespace Fovea.Visualization.Objectives;

/// <summary>
/// Objectives add up: <c>neuron − 0.5 * other</c>, <c>feature + 10 * diversity</c>, and <c>-feature</c> for what a feature is least of all.
/// Operands stay as they are; the result is a <see cref="WeightedSum"/>.
/// </summary>
public static class ObjectiveAlgebra
{
    extension(IObjective)
    {
        /// <summary>The sum, picture by picture.</summary>
        /// <exception cref="FoveaException">They are not for the same number of pictures.</exception>
        public static IObjective operator +(IObjective left, IObjective right) => WeightedSum.Of([left, right]);

        /// <summary>The difference, picture by picture.</summary>
        /// <exception cref="FoveaException">They are not for the same number of pictures.</exception>
        public static IObjective operator -(IObjective left, IObjective right) => WeightedSum.Of([left, -1.0 * right]);

        /// <summary>The negative: its pictures activate the feature least.</summary>
        public static IObjective operator -(IObjective objective) => -1.0 * objective;

        /// <summary>With a weight.</summary>
        /// <exception cref="FoveaException">The weight is not finite.</exception>
        public static IObjective operator *(double weight, IObjective objective) => objective.Weighted(weight);

        /// <summary>With a weight.</summary>
        /// <exception cref="FoveaException">The weight is not finite.</exception>
        public static IObjective operator *(IObjective objective, double weight) => objective.Weighted(weight);
    }

    /// <summary>With one weight for all pictures, or one for each.</summary>
    /// <exception cref="FoveaException">A weight is not finite, or there is not one for each picture.</exception>
    public static IObjective Weighted(this IObjective objective, params IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(weights);
        return WeightedSum.Of(objective, weights.Count == 1 ? [.. Enumerable.Repeat(weights[0], objective.Keys.Count)] : weights);
    }
}
