using Fovea.Explorer.Contents;

namespace Fovea.Explorer.Live;

/// <summary>How large a unit's activations are in the run's images, which changes are counted in.</summary>
internal static class UnitMeasures
{
    /// <summary>The number that an amount is multiplied by.</summary>
    /// <exception cref="FoveaException">Configuration: the run does not know it.</exception>
    public static double Of(RunContents run, SteerEdit edit) => Of(run.Layer(edit.Layer)?.Units(edit.Source)?.Find(edit.Unit)?.Row, edit);

    /// <summary>The same from the unit's row of the run's table; null: it has none.</summary>
    /// <exception cref="FoveaException">Configuration: the run does not know it.</exception>
    public static double Of(FeatureRow? row, SteerEdit edit)
    {
        double? size = edit.Of == SteerMeasure.Max ? row?.Max : row?.P999 is > 0 ? row.P999 : row?.P999Active ?? row?.P999;
        return size is { } known && double.IsFinite(known) ? known : throw FoveaException.BadConfiguration(
            $"The run does not know how large unit {edit.Unit} of {edit.Source} in {edit.Layer} becomes: give a number of its own scale.");
    }
}
