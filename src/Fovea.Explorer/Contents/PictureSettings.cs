using System.Globalization;
using Fovea.Explorer.Components;

namespace Fovea.Explorer.Contents;

/// <summary>How a picture was made, as readable settings: without what the page says elsewhere.</summary>
internal static class PictureSettings
{
    /// <summary>The settings of a picture's record, those that say something.</summary>
    public static IReadOnlyList<(string Key, string Value)> Of(PictureRecord record) =>
        [.. new (string Key, string Value)[]
        {
            ("replica", Format.Count(record.Replica)),
            ("objective", record.Objective),
            ("inputs", MachinePaths.Short(record.Inputs)),
            ("start", record.Start),
            ("parameterization", record.Parameterization),
            ("colours", record.Colours),
            ("transforms", string.Join(", ", record.Transforms)),
            ("views", Format.Count(record.Views)),
            ("steps", Format.Number(record.Steps)),
            ("learning rate", Format.Number(record.LearningRate)),
            ("total variation", Format.Number(record.TotalVariation)),
            ("penalties", record.Penalties),
            ("blur", Format.Number(record.Blur)),
            ("final blur", record.FinalBlur is { } blur ? Format.Number(blur) : ""),
            ("flat", record.Flat),
            ("bypass clamps", record.BypassClamps ? "yes" : "no"),
            ("seed", record.Seed.ToString(CultureInfo.InvariantCulture)),
            ("size", Format.Number(record.Size)),
            ("view size", Format.Number(record.ViewSize)),
            ("transforms side", Format.Number(record.TransformsSide)),
            ("batch size", Format.Number(record.BatchSize)),
        }.Where(setting => setting.Value.Length > 0)];
}
