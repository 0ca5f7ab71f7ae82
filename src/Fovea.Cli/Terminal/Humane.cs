using System.Globalization;

namespace Fovea.Cli.Terminal;

/// <summary>Numbers as people read them.</summary>
internal static class Humane
{
    /// <summary><c>1,234,567</c>.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>812 B</c>, <c>3.4 MB</c> (powers of 1000).</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.Length - 1) (value, unit) = (value / 1000, unit + 1);
        return unit == 0 ? $"{bytes} B" : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {units[unit]}");
    }

    /// <summary><c>42 s</c>, <c>3 min 05 s</c>, <c>2 h 04 min</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        long seconds = (long)Math.Round(time.TotalSeconds);
        if (seconds < 60) return $"{seconds} s";
        return seconds < 3600 ? $"{seconds / 60} min {seconds % 60:00} s" : $"{seconds / 3600} h {seconds % 3600 / 60:00} min";
    }

    /// <summary>A fraction as <c>71.9 %</c>.</summary>
    public static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{fraction * 100:0.0} %");

    /// <summary>Four significant digits.</summary>
    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>Items a second: <c>312</c>, <c>3.4</c>.</summary>
    public static string Rate(double value) =>
        value.ToString(value >= 100 ? "N0" : value >= 10 ? "0" : "0.0", CultureInfo.InvariantCulture);
}
