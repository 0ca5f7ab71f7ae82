using System.Globalization;
using System.Text;
using Fovea.Cli.Results;

namespace Fovea.Cli.Commands;

/// <summary>Effects as a table for spreadsheets: numbers with a dot and as many digits as tell them apart.</summary>
internal static class EffectCsv
{
    private const string Header = "units,error,images,active,top1,logit,logitLower,logitUpper,probability,probabilityLower,probabilityUpper,"
        + "accuracy,accuracyLower,accuracyUpper,gradient,gradientCorrelation,gradientError,integrated,integratedCorrelation,integratedError,"
        + "topClass,topClassLogit";

    /// <summary>The table.</summary>
    public static string Of(IEnumerable<UnitEffect> effects)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (UnitEffect one in effects)
        {
            ClassChange? top = one.Classes.Count > 0 ? one.Classes[0] : null;
            object?[] cells =
            [
                string.Join(' ', one.Units), one.Error, one.Images, one.Active, one.Top1, one.Logit.Mean, one.Logit.Lower, one.Logit.Upper,
                one.Probability?.Mean, one.Probability?.Lower, one.Probability?.Upper, one.Accuracy?.Mean, one.Accuracy?.Lower, one.Accuracy?.Upper,
                one.Gradient?.Mean, one.Gradient?.Correlation, one.Gradient?.Error, one.Integrated?.Mean, one.Integrated?.Correlation,
                one.Integrated?.Error, top?.Class, top?.Logit,
            ];
            text.AppendJoin(',', cells.Select(Cell)).Append('\n');
        }
        return text.ToString();
    }

    private static string Cell(object? value) => value switch
    {
        double number when !double.IsFinite(number) => "",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "",
    };
}
